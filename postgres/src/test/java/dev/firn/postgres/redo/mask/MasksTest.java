package dev.firn.postgres.redo.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each mask hides what bufmask.c hides, and no byte more. */
class MasksTest {
    private final byte[] bytes = new byte[PageLayout.PAGE_BYTES];
    private final MemorySegment segment = MemorySegment.ofArray(bytes);
    private final PageFlyweight page = new PageFlyweight().wrap(segment, 0);

    MasksTest() {
        segment.fill((byte) 0xA5);
        page.flags(0xFFFF);
        page.lower(24 + 3 * 4);
        page.upper(8000);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, (short) 8184);
        page.linePointer(1, LinePointer.of(8100, LinePointer.NORMAL, 50));
        page.linePointer(2, LinePointer.of(8000, LinePointer.DEAD, 60));
        page.linePointer(3, LinePointer.redirectTo(1));
    }

    /** Which bytes the mask changed. */
    private int[] changedBy(final Runnable mask) {
        final byte[] before = bytes.clone();
        mask.run();
        return IntStream.range(0, bytes.length)
                .filter(i -> bytes[i] != before[i])
                .toArray();
    }

    private static int[] range(final int from, final int to) {
        return IntStream.range(from, to).toArray();
    }

    @Test
    void shouldHideLsnAndChecksum() {
        assertThat(changedBy(() -> Masks.lsnAndChecksum(page))).isEqualTo(range(0, 10));
        assertThat(page.lsn()).isZero();
        assertThat(page.checksum()).isZero();
    }

    @Test
    void shouldHideTheHeadersHints() {
        assertThat(changedBy(() -> Masks.pageHints(page))).containsExactly(10, 20, 21, 22, 23);
        assertThat(page.flags()).isEqualTo(0xFFF8);
        assertThat(page.pruneXid()).isZero();
    }

    @Test
    void shouldHideTheHole() {
        assertThat(changedBy(() -> Masks.unusedSpace(page))).isEqualTo(range(36, 8000));
        page.lower(8000);
        assertThat(changedBy(() -> Masks.unusedSpace(page))).isEmpty();
    }

    @Test
    void shouldRefuseAHoleThatIsNone() {
        page.lower(23);
        assertThatThrownBy(() -> Masks.unusedSpace(page)).isInstanceOf(MalformedDataException.class);
        page.lower(8001);
        assertThatThrownBy(() -> Masks.unusedSpace(page)).isInstanceOf(MalformedDataException.class);
        page.lower(36);
        page.upper(8185);
        assertThatThrownBy(() -> Masks.unusedSpace(page)).isInstanceOf(MalformedDataException.class);
        page.upper(8000);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, (short) 8193);
        assertThatThrownBy(() -> Masks.unusedSpace(page))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("the page to compare has lower 36, upper 8000, special 8193");
    }

    @Test
    void shouldHideTheStateOfLinePointers() {
        final byte[] before = bytes.clone();
        Masks.linePointerStates(page);
        assertThat(page.linePointer(1)).isEqualTo(LinePointer.of(8100, LinePointer.UNUSED, 50));
        assertThat(page.linePointer(2)).isEqualTo(LinePointer.of(8000, LinePointer.UNUSED, 60));
        assertThat(page.linePointer(3)).isEqualTo(LinePointer.of(1, LinePointer.UNUSED, 0));
        for (int i = 0; i < bytes.length; i++) {
            if (i < 24 || i >= 36) {
                assertThat(bytes[i]).as("byte %d", i).isEqualTo(before[i]);
            }
        }
    }

    @Test
    void shouldHideAllButTheHeadersOtherFields() {
        Masks.content(page);
        for (int i = 0; i < bytes.length; i++) {
            final boolean hidden = i >= 24 || (i >= 12 && i < 16);
            assertThat(bytes[i] == 0).as("byte %d", i).isEqualTo(hidden);
        }
    }
}
