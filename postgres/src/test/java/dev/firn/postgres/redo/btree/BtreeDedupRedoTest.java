package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.HAS_GARBAGE;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.ROOT;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSame;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.posting;
import static dev.firn.postgres.redo.btree.BtreeBytes.withCycle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Intervals of items become posting lists, and the page is as if its items had been added one by one. */
class BtreeDedupRedoTest {
    private static final int DEDUP = 0x60;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    /** Intervals as pairs: first offset number, count. */
    private RedoFixture.Draft record(final int... intervals) {
        return fixture.record(ResourceManager.BTREE, DEDUP)
                .block(0, 3)
                .data(new RecordBytes().u16s(intervals))
                .main(new RecordBytes().u16(intervals.length / 2));
    }

    private MemorySegment apply(final MemorySegment page) {
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        return page;
    }

    @Test
    void shouldMergePlainItemsAndPostingLists() {
        record(2, 2, 5, 3);
        final MemorySegment page = apply(withCycle(
                page(
                        fixture,
                        1,
                        2,
                        0,
                        LEAF | HAS_GARBAGE,
                        pivot(9, 0),
                        plain(1, 1),
                        plain(1, 2),
                        plain(2, 1),
                        posting(3, 1, 2, 3),
                        plain(3, 4),
                        posting(3, 5, 6),
                        plain(4, 1)),
                77));
        assertSame(
                page,
                withCycle(
                        page(
                                fixture,
                                1,
                                2,
                                0,
                                LEAF,
                                pivot(9, 0),
                                posting(1, 1, 2),
                                plain(2, 1),
                                posting(3, 1, 2, 3, 4, 5, 6),
                                plain(4, 1)),
                        77));
    }

    @Test
    void shouldMergeARightmostPageFromItsFirstItemToItsLast() {
        record(1, 3);
        assertSame(
                apply(page(fixture, 1, 0, 0, LEAF | ROOT, plain(1, 1), plain(1, 2), posting(1, 3, 4))),
                page(fixture, 1, 0, 0, LEAF | ROOT, posting(1, 1, 2, 3, 4)));
    }

    @Test
    void shouldTakeDeadItemsAsTheyAre() {
        final MemorySegment page = page(fixture, 1, 0, 0, LEAF, plain(1, 1), plain(2, 1), plain(2, 2));
        // The first line pointer becomes dead.
        LittleEndian.putInt(page, 24, LinePointer.markDead(LittleEndian.getInt(page, 24)));
        record(2, 2);
        assertSame(apply(page), page(fixture, 1, 0, 0, LEAF, plain(1, 1), posting(2, 1, 2)));
    }

    @Test
    void shouldAllowThreeListsOnAPageAndNoLongerOnes() {
        final int[] most = IntStream.rangeClosed(1, (2704 - 16) / 6).toArray();
        final int[] half = IntStream.rangeClosed(1, most.length - 1).toArray();
        record(1, 2);
        assertSame(
                apply(page(fixture, 1, 0, 0, LEAF, posting(1, half), plain(1, most.length))),
                page(fixture, 1, 0, 0, LEAF, posting(1, most)));
        record(1, 2);
        assertRefused(
                page(fixture, 1, 0, 0, LEAF, posting(1, most), plain(1, most.length + 1)), "a posting list of 2712");
    }

    private void assertRefused(final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }

    private MemorySegment three() {
        return page(fixture, 1, 0, 0, LEAF, plain(1, 1), plain(1, 2), plain(1, 3));
    }

    @Test
    void shouldRefuseIntervalsThatAreNotOnThePage() {
        record(1, 4);
        assertRefused(three(), "merges 4 items from offset number 1, of 3");
        record(2, 1);
        assertRefused(three(), "merges 1 items");
        record(4, 2);
        assertRefused(three(), "interval 0 of 1");
        record(1, 2, 2, 2);
        assertRefused(three(), "interval 1 of 2");
        record(1, 2).main(new RecordBytes().u16(2));
        assertRefused(three(), "4 bytes for 2 intervals");
        record(1, 2);
        assertRefused(page(fixture, 1, 0, 0, LEAF), "no tuples to merge");
        assertRefused(page(fixture, 1, 2, 0, LEAF, pivot(9, 0)), "no tuples to merge");
    }

    @Test
    void shouldRefuseKeysThatAreNotAligned() {
        final byte[] bad = plain(1, 1);
        bad[6] = 15;
        record(1, 2);
        assertRefused(page(fixture, 1, 0, 0, LEAF, bad, plain(1, 2)), "a leaf tuple of 15 bytes");
    }
}
