package dev.firn.postgres.redo.btree;

import static dev.firn.postgres.redo.btree.BtreeBytes.HALF_DEAD;
import static dev.firn.postgres.redo.btree.BtreeBytes.INCOMPLETE_SPLIT;
import static dev.firn.postgres.redo.btree.BtreeBytes.LEAF;
import static dev.firn.postgres.redo.btree.BtreeBytes.ROOT;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSame;
import static dev.firn.postgres.redo.btree.BtreeBytes.assertSameItems;
import static dev.firn.postgres.redo.btree.BtreeBytes.metaPage;
import static dev.firn.postgres.redo.btree.BtreeBytes.metadata;
import static dev.firn.postgres.redo.btree.BtreeBytes.page;
import static dev.firn.postgres.redo.btree.BtreeBytes.pivot;
import static dev.firn.postgres.redo.btree.BtreeBytes.plain;
import static dev.firn.postgres.redo.btree.BtreeBytes.posting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Insertions, new roots, the metapage, and operations that are none. */
class BtreeInsertRedoTest {
    private static final int INSERT_LEAF = 0x00;
    private static final int INSERT_UPPER = 0x10;
    private static final int INSERT_META = 0x20;
    private static final int INSERT_POST = 0x50;
    private static final int NEWROOT = 0xA0;
    private static final int REUSE_PAGE = 0xD0;
    private static final int META_CLEANUP = 0xE0;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private RedoFixture.Draft record(final int info) {
        return fixture.record(ResourceManager.BTREE, info);
    }

    private static RecordBytes offset(final int offsetNumber) {
        return new RecordBytes().u16(offsetNumber);
    }

    private void assertApplied(final int block, final MemorySegment page) {
        assertThat(fixture.apply(block, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat((long) LittleEndian.getInt(page, 0) << 32 | LittleEndian.getUnsignedInt(page, 4))
                .isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldInsertIntoALeafBetweenItems() {
        final MemorySegment page = page(fixture, 0, 0, 0, LEAF | ROOT, plain(1, 1), plain(3, 3));
        record(INSERT_LEAF).block(0, 1).data(plain(2, 2)).main(offset(2));
        assertApplied(0, page);
        final MemorySegment expected = page(fixture, 0, 0, 0, LEAF | ROOT, plain(1, 1), plain(3, 3), plain(2, 2));
        // The item lies lowest, its pointer is the second.
        final int third = LittleEndian.getInt(expected, 32);
        LittleEndian.putInt(expected, 32, LittleEndian.getInt(expected, 28));
        LittleEndian.putInt(expected, 28, third);
        assertSame(page, expected);
    }

    @Test
    void shouldLeaveAPageThatHasTheChange() {
        final MemorySegment page = page(fixture, 0, 0, 0, LEAF, plain(1, 1));
        record(INSERT_LEAF).block(0, 1).data(plain(2, 2)).main(offset(2));
        assertApplied(0, page);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.ALREADY_APPLIED);
    }

    @Test
    void shouldInsertADownlinkAndCompleteTheChildsSplit() {
        final MemorySegment parent = page(fixture, 0, 0, 1, ROOT, pivot(0, 3));
        final MemorySegment child = page(fixture, 0, 4, 0, LEAF | INCOMPLETE_SPLIT, pivot(5, 0), plain(1, 1));
        record(INSERT_UPPER).block(0, 2).data(pivot(5, 4)).block(1, 3).main(offset(2));
        assertApplied(0, parent);
        assertApplied(1, child);
        assertSame(parent, page(fixture, 0, 0, 1, ROOT, pivot(0, 3), pivot(5, 4)));
        assertSame(child, page(fixture, 0, 4, 0, LEAF, pivot(5, 0), plain(1, 1)));
        assertThatThrownBy(() -> fixture.apply(2, fixture.newPage())).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldRestoreTheMetapageWhenTheFastRootMoves() {
        record(INSERT_META)
                .block(0, 2)
                .data(pivot(5, 4))
                .block(1, 3)
                .block(2, 0)
                .willInit()
                .data(metadata())
                .main(offset(1));
        final MemorySegment meta = page(fixture, 1, 2, 3, LEAF, plain(1, 1));
        assertApplied(2, meta);
        assertSame(meta, metaPage(fixture));
    }

    @Test
    void shouldRestoreTheMetapageAfterCleanup() {
        record(META_CLEANUP).block(0, 0).willInit().data(metadata());
        final MemorySegment meta = fixture.newPage();
        assertApplied(0, meta);
        assertSame(meta, metaPage(fixture));
    }

    @Test
    void shouldSwapTheNewTidIntoThePostingListBeforeIt() {
        final MemorySegment page = page(fixture, 0, 9, 0, LEAF, pivot(99, 0), posting(5, 10, 20, 30, 40), plain(7, 1));
        record(INSERT_POST)
                .block(0, 1)
                .data(new RecordBytes().u16(2).raw(plain(5, 25)))
                .main(offset(3));
        assertApplied(0, page);
        final MemorySegment expected =
                page(fixture, 0, 9, 0, LEAF, pivot(99, 0), posting(5, 10, 20, 25, 30), plain(7, 1), plain(5, 40));
        final int fourth = LittleEndian.getInt(expected, 36);
        LittleEndian.putInt(expected, 36, LittleEndian.getInt(expected, 32));
        LittleEndian.putInt(expected, 32, fourth);
        assertSame(page, expected);
    }

    @Test
    void shouldRefuseToSplitWhatIsNoPostingList() {
        record(INSERT_POST)
                .block(0, 1)
                .data(new RecordBytes().u16(1).raw(plain(5, 25)))
                .main(offset(2));
        assertThatThrownBy(() -> fixture.apply(0, page(fixture, 0, 0, 0, LEAF, plain(5, 1), plain(7, 1))))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("can't be split at 1");
    }

    @Test
    void shouldRefuseAPlaceOutsideThePostingList() {
        for (final int index : new int[] {0, 3, 0xFFFF}) {
            record(INSERT_POST)
                    .block(0, 1)
                    .data(new RecordBytes().u16(index).raw(plain(5, 25)))
                    .main(offset(2));
            assertThatThrownBy(() -> fixture.apply(0, page(fixture, 0, 0, 0, LEAF, posting(5, 10, 20, 30))))
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("can't be split at " + index);
        }
    }

    @Test
    void shouldRefusePostingListsThatLeaveTheirTuple() {
        final byte[] bad = posting(5, 10, 20, 30);
        // The list's place, in the upper half of a block number whose lower half is 16.
        bad[2] = 48;
        record(INSERT_POST)
                .block(0, 1)
                .data(new RecordBytes().u16(1).raw(plain(5, 25)))
                .main(offset(2));
        assertThatThrownBy(() -> fixture.apply(0, page(fixture, 0, 0, 0, LEAF, bad)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("posting list of 18 bytes at 48");
    }

    @Test
    void shouldMakeAnEmptyRoot() {
        record(NEWROOT)
                .block(0, 1)
                .willInit()
                .block(2, 0)
                .willInit()
                .data(metadata())
                .main(new RecordBytes().u32(1).u32(0));
        final MemorySegment root = page(fixture, 1, 2, 3, HALF_DEAD, plain(1, 1));
        assertApplied(0, root);
        assertSame(root, page(fixture, 0, 0, 0, LEAF | ROOT));
        final MemorySegment meta = fixture.newPage();
        assertApplied(2, meta);
        assertSame(meta, metaPage(fixture));
    }

    @Test
    void shouldMakeARootOverTwoHalves() {
        // The record has what lay between upper and special: the second item first.
        record(NEWROOT)
                .block(0, 8)
                .willInit()
                .data(new RecordBytes().raw(pivot(6, 4)).raw(topParent(3)))
                .block(1, 3)
                .block(2, 0)
                .willInit()
                .data(metadata())
                .main(new RecordBytes().u32(8).u32(1));
        final MemorySegment root = fixture.newPage();
        assertApplied(0, root);
        assertSame(root, page(fixture, 0, 0, 1, ROOT, topParent(3), pivot(6, 4)));
        final MemorySegment left = page(fixture, 0, 4, 0, LEAF | INCOMPLETE_SPLIT, pivot(6, 0));
        assertApplied(1, left);
        assertSameItems(left, page(fixture, 0, 4, 0, LEAF, pivot(6, 0)));
    }

    private static byte[] topParent(final int downlink) {
        return BtreeBytes.topParent(downlink);
    }

    @Test
    void shouldRefuseMoreThanAPageHolds() {
        final RecordBytes items = new RecordBytes();
        for (int i = 0; i < 409; i++) {
            items.raw(pivot(i, i));
        }
        record(NEWROOT)
                .block(0, 8)
                .willInit()
                .data(items)
                .main(new RecordBytes().u32(8).u32(1));
        assertThatThrownBy(() -> fixture.apply(0, fixture.newPage()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("more than 408 tuples");
        record(NEWROOT)
                .block(0, 8)
                .willInit()
                .data(new RecordBytes().raw(bigTuple(8000)).raw(bigTuple(160)))
                .main(new RecordBytes().u32(8).u32(1));
        assertThatThrownBy(() -> fixture.apply(0, fixture.newPage()))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("2 tuples of 8160 bytes for one page");
    }

    private static byte[] bigTuple(final int bytes) {
        return new RecordBytes().blockId(1).u16s(1, bytes).fill(bytes - 8, 7).array();
    }

    @Test
    void shouldRefuseTuplesThatDontFitTheirRecord() {
        record(INSERT_LEAF).block(0, 1).data(plain(2, 2)[0]).main(offset(1));
        assertRefused(page(fixture, 0, 0, 0, LEAF), "the record has 1 bytes here");
        final byte[] longer = bigTuple(24);
        longer[6] = 32;
        record(INSERT_LEAF).block(0, 1).data(longer).main(offset(1));
        assertRefused(page(fixture, 0, 0, 0, LEAF), "an index tuple of 32 bytes");
        longer[6] = 16;
        record(INSERT_LEAF).block(0, 1).data(longer).main(offset(1));
        assertRefused(page(fixture, 0, 0, 0, LEAF), "8 bytes more");
    }

    @Test
    void shouldRefuseItemsWithoutRoomOrPlace() {
        record(INSERT_LEAF).block(0, 1).data(plain(2, 2)).main(offset(3));
        assertRefused(page(fixture, 0, 0, 0, LEAF, plain(1, 1)), "does not fit at offset number 3 of 1");
        record(INSERT_LEAF).block(0, 1).data(bigTuple(104)).main(offset(2));
        assertRefused(page(fixture, 0, 0, 0, LEAF, bigTuple(8048)), "does not fit at offset number 2 of 1");
    }

    private void assertRefused(final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseBlocksThatAreMarkedWrongly() {
        record(INSERT_LEAF).block(0, 1).willInit().data(plain(2, 2)).main(offset(1));
        assertRefused(page(fixture, 0, 0, 0, LEAF), "made anew");
        record(META_CLEANUP).block(0, 0).data(metadata());
        assertRefused(metaPage(fixture), "does not mark it so");
        record(META_CLEANUP).block(0, 0).willInit().data(metadata().u8(0));
        assertRefused(metaPage(fixture), "29 bytes, not 28");
    }

    @Test
    void shouldRefuseUnknownOperationsAndBlocks() {
        record(0xF0).block(0, 1);
        assertRefused(page(fixture, 0, 0, 0, LEAF), "no operation 0xF0");
        record(REUSE_PAGE).block(0, 1);
        assertRefused(page(fixture, 0, 0, 0, LEAF), "no block reference #0");
        for (final int info : new int[] {INSERT_LEAF, INSERT_POST, META_CLEANUP, 0x60, 0x70, 0xC0}) {
            record(info).block(1, 1);
            assertThatThrownBy(() -> fixture.apply(1, page(fixture, 0, 0, 0, LEAF)))
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("no block reference #1");
        }
        record(NEWROOT).block(1, 1).main(new RecordBytes().u32(1).u32(0));
        assertThatThrownBy(() -> fixture.apply(1, page(fixture, 0, 0, 0, LEAF)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("no block reference #1");
    }

    @Test
    void shouldRefusePagesOfOtherKinds() {
        record(INSERT_UPPER).block(0, 2).data(pivot(5, 4)).block(1, 3).main(offset(1));
        assertThatThrownBy(() -> fixture.apply(1, fixture.emptyPage(8)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("none of a btree");
    }
}
