package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the mask hides, and what it doesn't: two pages that differ in one thing. */
class HeapMaskTest {
    private static final int BLOCK = 0x2_0003;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldHideWhatIsNotLogged() {
        expectHidden("LSN", page -> page.lsn(77));
        expectHidden("checksum", page -> page.checksum(77));
        expectHidden("prune hint", page -> page.pruneXid(77));
        expectHidden("page hints", page -> page.flags(PageLayout.VALID_FLAGS));
        expectHidden("hole", page -> page.segment().set(ValueLayout.JAVA_BYTE, 4000, (byte) 1));
        expectHidden("padding", page -> page.segment().set(ValueLayout.JAVA_BYTE, 8191, (byte) 1));
        expectHidden("command id", page -> tuple(page, 1).commandId(77));
        expectHidden(
                "hint bits",
                page -> tuple(page, 1)
                        .infomask(HeapTupleFlags.XMIN_COMMITTED
                                | HeapTupleFlags.XMAX_COMMITTED
                                | HeapTupleFlags.COMBOCID));
        expectHidden(
                "a frozen tuple's xmax hints",
                page -> tuple(page, 2)
                        .infomask(HeapTupleFlags.XMIN_FROZEN
                                | HeapTupleFlags.XMAX_INVALID
                                | HeapTupleFlags.XMAX_COMMITTED));
        expectHidden(
                "speculative token", page -> tuple(page, 1).ctid(99, HeapTupleFlyweight.SPECULATIVE_OFFSET_NUMBER));
    }

    @Test
    void shouldShowTheRest() {
        expectShown("lower", page -> page.lower(page.lower() + 4));
        expectShown("upper", page -> page.upper(page.upper() - 8));
        expectShown("line pointer", page -> page.linePointer(3, LinePointer.UNUSED_POINTER));
        expectShown("data", page -> page.segment().set(ValueLayout.JAVA_BYTE, 8184, (byte) 9));
        expectShown("xmin", page -> tuple(page, 1).xmin(77));
        expectShown("xmax", page -> tuple(page, 1).xmax(77));
        expectShown("ctid", page -> tuple(page, 1).ctid(BLOCK, 2));
        expectShown("attributes with null", page -> tuple(page, 1).infomask(HeapTupleFlags.HAS_VARWIDTH));
        expectShown("infomask2", page -> tuple(page, 1).infomask2(HeapTupleFlags.HOT_UPDATED | 1));
        expectShown(
                "freezing", page -> tuple(page, 2).infomask(HeapTupleFlags.XMIN_COMMITTED | HeapTupleFlags.UPDATED));
        expectShown(
                "a frozen tuple's locks",
                page -> tuple(page, 2).infomask(HeapTupleFlags.XMIN_FROZEN | HeapTupleFlags.XMAX_LOCK_ONLY));
    }

    @Test
    void shouldHideTheVisibilityMap() {
        final MemorySegment map = fixture.emptyPage(0);
        map.asSlice(24, 100).fill((byte) 0xFF);
        new HeapMask().mask(HeapPages.at(map), 0);
        assertThat(map.asSlice(24, 100).mismatch(fixture.newPage().asSlice(24, 100)))
                .isEqualTo(-1);
    }

    @Test
    void shouldRefuseItemsOutsideThePage() {
        final MemorySegment page = page();
        HeapPages.at(page).linePointer(3, LinePointer.of(8185, LinePointer.DEAD, 8));
        assertThatThrownBy(() -> new HeapMask().mask(HeapPages.at(page), BLOCK))
                .isInstanceOf(MalformedDataException.class);
        HeapPages.at(page).linePointer(3, LinePointer.of(8190, LinePointer.NORMAL, 8));
        assertThatThrownBy(() -> new HeapMask().mask(HeapPages.at(page), BLOCK))
                .isInstanceOf(MalformedDataException.class);
    }

    /** A plain tuple, a frozen one, and a dead line pointer. */
    private MemorySegment page() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, 0, (byte) 1);
        HeapPages.addTuple(page, BLOCK, HeapTupleFlags.XMIN_FROZEN, (byte) 2);
        final PageFlyweight flyweight = HeapPages.at(page);
        flyweight.lower(flyweight.lower() + 4);
        flyweight.linePointer(3, LinePointer.of(0, LinePointer.DEAD, 0));
        return page;
    }

    private static HeapTupleFlyweight tuple(final PageFlyweight page, final int offsetNumber) {
        return new HeapTupleFlyweight().wrap(page, offsetNumber);
    }

    private void expectHidden(final String what, final Consumer<PageFlyweight> change) {
        assertThat(differenceAfter(change)).as(what).isEqualTo(-1);
    }

    private void expectShown(final String what, final Consumer<PageFlyweight> change) {
        assertThat(differenceAfter(change)).as(what).isNotEqualTo(-1);
    }

    private long differenceAfter(final Consumer<PageFlyweight> change) {
        final MemorySegment one = page();
        final MemorySegment other = page();
        change.accept(HeapPages.at(other));
        assertThat(one.mismatch(other)).isNotEqualTo(-1);
        final HeapMask mask = new HeapMask();
        mask.mask(HeapPages.at(one), BLOCK);
        mask.mask(HeapPages.at(other), BLOCK);
        return one.mismatch(other);
    }
}
