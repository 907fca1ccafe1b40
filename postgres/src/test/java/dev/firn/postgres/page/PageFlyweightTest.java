package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageFlyweightTest {
    private static final long SEED = 11;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(3L * PageLayout.PAGE_BYTES);
    private final PageFlyweight page = new PageFlyweight().wrap(memory, PageLayout.PAGE_BYTES);

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldInitialiseAnEmptyPage() {
        RandomBytes.fill(memory, SystemRandom.seeded(SEED));
        page.initialize(13);
        assertThat(page.isNew()).isFalse();
        assertThat(page.isEmpty()).isTrue();
        assertThat(page.isHeaderSane()).isTrue();
        assertThat(page.lower()).isEqualTo(24);
        assertThat(page.upper()).isEqualTo(8176);
        assertThat(page.special()).isEqualTo(8176);
        assertThat(page.specialBytes()).isEqualTo(16);
        assertThat(page.sizeBytes()).isEqualTo(8192);
        assertThat(page.layoutVersion()).isEqualTo(4);
        assertThat(page.linePointerCount()).isZero();
        assertThat(page.freeSpace()).isEqualTo(8176 - 24 - 4);
        assertThat(page.heapFreeSpace()).isEqualTo(8176 - 24 - 4);
    }

    @Test
    void shouldInitialiseZeroesToTheSamePage() {
        final MemorySegment other = arena.allocate(PageLayout.PAGE_BYTES);
        new PageFlyweight().wrap(other, 0).initializeZeroed(13);
        RandomBytes.fill(memory, SystemRandom.seeded(SEED));
        page.initialize(13);
        assertThat(other.mismatch(memory.asSlice(page.base(), PageLayout.PAGE_BYTES)))
                .isEqualTo(-1);
    }

    @Test
    void shouldStoreTheUpperHalfOfTheLsnFirst() {
        page.lsn(0x16_B374D848L);
        assertThat(page.lsn()).isEqualTo(0x16_B374D848L);
        assertThat(LittleEndian.getInt(memory, page.base())).isEqualTo(0x16);
        assertThat(LittleEndian.getInt(memory, page.base() + 4)).isEqualTo(0xB374D848);
    }

    @Test
    void shouldKeepEachFlagByItself() {
        page.initialize(0);
        page.setFlag(PageLayout.ALL_VISIBLE);
        page.setFlag(PageLayout.PAGE_FULL);
        page.clearFlag(PageLayout.PAGE_FULL);
        assertThat(page.flags()).isEqualTo(PageLayout.ALL_VISIBLE);
        assertThat(page.hasFlag(PageLayout.ALL_VISIBLE)).isTrue();
        assertThat(page.hasFlag(PageLayout.HAS_FREE_LINES)).isFalse();
    }

    @Test
    void shouldFindItemsThroughTheirLinePointers() {
        page.initialize(0);
        page.lower(24 + 4 * 4);
        page.upper(8192 - 80);
        page.linePointer(1, LinePointer.of(8192 - 80, LinePointer.NORMAL, 77));
        page.linePointer(2, LinePointer.redirectTo(1));
        page.linePointer(3, LinePointer.UNUSED_POINTER);
        page.linePointer(4, LinePointer.of(0, LinePointer.DEAD, 0));
        assertThat(page.itemOffset(1)).isEqualTo(8112);
        assertThat(page.itemLength(1)).isEqualTo(77);
        assertThat(LinePointer.state(page.linePointer(2))).isEqualTo(LinePointer.REDIRECT);
        assertThat(LinePointer.offset(page.linePointer(2))).isEqualTo(1);
        assertThat(LinePointer.hasStorage(page.linePointer(4))).isFalse();
        final int dead = LinePointer.markDead(page.linePointer(1));
        assertThat(LinePointer.state(dead)).isEqualTo(LinePointer.DEAD);
        assertThat(LinePointer.length(dead)).isEqualTo(77);
        for (final int offsetNumber : new int[] {2, 3, 4}) {
            assertThatThrownBy(() -> page.itemOffset(offsetNumber)).hasMessageContaining("has no item");
        }
        assertThatThrownBy(() -> page.linePointer(5)).hasMessageContaining("no line pointer 5 among 4");
        assertThatThrownBy(() -> page.linePointer(0)).isInstanceOf(MalformedDataException.class);
    }

    @Test
    void shouldHaveNoRoomWhenAHeapPageHasAllLinePointers() {
        page.initialize(0);
        page.lower(24 + 4 * PageLayout.MAX_HEAP_TUPLES);
        for (int offsetNumber = 1; offsetNumber <= PageLayout.MAX_HEAP_TUPLES; offsetNumber++) {
            page.linePointer(offsetNumber, LinePointer.of(0, LinePointer.DEAD, 0));
        }
        assertThat(PageLayout.MAX_HEAP_TUPLES).isEqualTo(291);
        assertThat(page.freeSpace()).isPositive();
        assertThat(page.heapFreeSpace()).isZero();
        page.setFlag(PageLayout.HAS_FREE_LINES);
        assertThat(page.heapFreeSpace()).isZero();
        page.linePointer(200, LinePointer.UNUSED_POINTER);
        assertThat(page.heapFreeSpace()).isEqualTo(page.freeSpace());
    }

    @Test
    void shouldStayWithinThePageWhateverItsBytes() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
        int items = 0;
        int tuples = 0;
        for (int round = 0; round < 500; round++) {
            RandomBytes.fill(memory, random);
            page.lower(random.nextInt(8400));
            if (random.nextBoolean()) {
                LittleEndian.putShort(memory, page.base() + PageLayout.SPECIAL_OFFSET, 24 + random.nextInt(8300));
            }
            page.isHeaderSane();
            try {
                page.heapFreeSpace();
                for (int offsetNumber = 1; offsetNumber <= page.linePointerCount(); offsetNumber++) {
                    final int offset = itemOffset(offsetNumber);
                    if (offset >= 0) {
                        items++;
                        assertThat(offset).isGreaterThanOrEqualTo(24);
                        assertThat(offset + page.itemLength(offsetNumber)).isLessThanOrEqualTo(8192);
                        tuples += walk(tuple, offsetNumber) ? 1 : 0;
                    }
                }
            } catch (final MalformedDataException e) {
                assertThat(e).hasMessageStartingWith("page with LSN");
            }
        }
        assertThat(items).as("seed %d", SEED).isPositive();
        assertThat(tuples).as("seed %d", SEED).isPositive();
    }

    private int itemOffset(final int offsetNumber) {
        try {
            return page.itemOffset(offsetNumber);
        } catch (final MalformedDataException e) {
            assertThat(e).hasMessageStartingWith("page with LSN");
            return -1;
        }
    }

    private boolean walk(final HeapTupleFlyweight tuple, final int offsetNumber) {
        try {
            tuple.wrap(page, offsetNumber);
        } catch (final MalformedDataException e) {
            assertThat(e).hasMessageContaining("heap tuple");
            return false;
        }
        for (int attribute = 0; attribute < tuple.attributeCount(); attribute++) {
            tuple.isNull(attribute);
        }
        assertThat(tuple.dataOffset() + tuple.dataBytes()).isEqualTo(tuple.lengthBytes());
        return true;
    }
}
