package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Heap2's records that are the same in every version: all but pruning and freezing. */
class Heap2RedoTest {
    private static final int REWRITE = 0x00;
    private static final int VISIBLE = 0x40;
    private static final int MULTI_INSERT = 0x50;
    private static final int LOCK_UPDATED = 0x60;
    private static final int NEW_CID = 0x70;
    private static final int INIT = 0x80;
    private static final int VM_FORK = 2;
    private static final int BLOCK = VisibilityMap.BLOCKS_PER_PAGE + 6;
    private static final int MAP_BLOCK = 1;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldInsertSeveralIntoANewPage() {
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT | INIT)
                .xid(705)
                .block(0, BLOCK)
                .willInit()
                .data(tuples())
                .main(new RecordBytes().u8(0x20).u8(0).u16(2));
        final MemorySegment page = fixture.newPage();
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointerCount()).isEqualTo(2);
        assertThat(HeapPages.dataOf(page, 1)).containsExactly(4, 5);
        assertThat(HeapPages.dataOf(page, 2)).containsExactly(6);
        assertThat(HeapPages.at(page).flags()).isEqualTo(PageLayout.ALL_VISIBLE);
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 2);
        assertThat(tuple.rawXmin()).isEqualTo(705);
        assertThat(tuple.ctidBlock()).isEqualTo(BLOCK);
        assertThat(tuple.ctidOffsetNumber()).isEqualTo(2);
        assertThat(tuple.infomask()).isEqualTo(HeapPages.PLAIN);
        assertThat(tuple.infomask2()).isEqualTo(2);
        assertThat(tuple.xmax()).isZero();
        assertThat(tuple.commandId()).isZero();
    }

    @Test
    void shouldInsertSeveralWhereTheRecordSays() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 2);
        HeapPages.at(page).linePointer(1, 0);
        HeapPages.at(page).setFlag(PageLayout.ALL_VISIBLE);
        multiInsert(1, 1, 3);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.dataOf(page, 1)).containsExactly(4, 5);
        assertThat(HeapPages.dataOf(page, 2)).containsExactly(2);
        assertThat(HeapPages.dataOf(page, 3)).containsExactly(6);
        assertThat(HeapPages.at(page).hasFlag(PageLayout.ALL_VISIBLE)).isFalse();
    }

    @Test
    void shouldRefuseInsertionsThatDoNotFit() {
        final MemorySegment page = HeapPages.page(fixture);
        multiInsert(0, 1, 3);
        expectError(0, page, "no place for a tuple of 25 bytes at line pointer 3");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT | INIT)
                .block(0, BLOCK)
                .willInit()
                .data(tuples())
                .main(new RecordBytes().u16(0).u16(1));
        expectError(0, page, "bytes more here than its kind takes");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT | INIT)
                .block(0, BLOCK)
                .willInit()
                .data(tuples())
                .main(new RecordBytes().u16(0).u16(3));
        expectError(0, page, "asks for 0 at 20");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT)
                .block(0, BLOCK)
                .data(tuples())
                .main(new RecordBytes().u16(0).u16(2).u16(1));
        expectError(0, HeapPages.page(fixture), "asks for 2");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT | INIT)
                .block(0, BLOCK)
                .data(tuples())
                .main(new RecordBytes().u16(0).u16(2));
        expectError(0, page, "does not mark it so");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT)
                .block(0, BLOCK)
                .willInit()
                .data(tuples())
                .main(new RecordBytes().u16(0).u16(2).u16s(1, 2));
        expectError(0, page, "redo changes what is there");
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT)
                .block(0, BLOCK)
                .data(new RecordBytes().u16(0).u32(1).u8(24))
                .main(new RecordBytes().u16(0).u16(1).u16(1));
        expectError(0, HeapPages.page(fixture), "a tuple of 0 bytes");
    }

    @Test
    void shouldLockALaterVersion() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, 1, HeapTupleFlags.XMAX_COMMITTED | HeapTupleFlags.COMBOCID, (byte) 1);
        HeapPages.tupleOf(page, 1).infomask2(HeapTupleFlags.HOT_UPDATED | HeapTupleFlags.KEYS_UPDATED | 1);
        lockUpdated(0);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 1);
        assertThat(tuple.xmax()).isEqualTo(900);
        assertThat(tuple.infomask())
                .isEqualTo(HeapTupleFlags.XMAX_LOCK_ONLY | HeapTupleFlags.XMAX_EXCL_LOCK | HeapTupleFlags.COMBOCID);
        assertThat(tuple.infomask2()).isEqualTo(HeapTupleFlags.HOT_UPDATED | 1);
        assertThat(tuple.commandId()).isEqualTo(5);
        assertThat(tuple.ctidBlock()).isEqualTo(1);
    }

    @Test
    void shouldMarkTheHeapPageVisible() {
        for (final boolean logged : new boolean[] {false, true}) {
            fixture.redo().hintBitsLogged(logged);
            final MemorySegment page = HeapPages.page(fixture);
            final long lsn = HeapPages.at(page).lsn();
            visible(3);
            assertThat(fixture.touched().count()).isEqualTo(2);
            assertThat(fixture.apply(1, page)).isEqualTo(RedoOutcome.APPLIED);
            assertThat(HeapPages.at(page).flags()).isEqualTo(PageLayout.ALL_VISIBLE);
            assertThat(HeapPages.at(page).lsn())
                    .isEqualTo(logged ? fixture.read().nextLsn() : lsn);
            HeapPages.at(page).flags(0);
            HeapPages.at(page).lsn(fixture.read().nextLsn());
            assertThat(fixture.apply(1, page)).isEqualTo(RedoOutcome.ALREADY_APPLIED);
            assertThat(HeapPages.at(page).flags()).isZero();
        }
    }

    @Test
    void shouldSetTheMapsBits() {
        final MemorySegment map = fixture.newPage();
        // VISIBILITYMAP_XLOG_CATALOG_REL does not reach the map.
        visible(1 | 4);
        assertThat(fixture.apply(0, map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(map).special()).isEqualTo(PageLayout.PAGE_BYTES);
        assertThat(HeapPages.at(map).lsn()).isEqualTo(fixture.read().nextLsn());
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK)).isEqualTo(1);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK + 1)).isZero();
        visible(1);
        final long before = HeapPages.at(map).lsn();
        assertThat(fixture.apply(0, map)).as("set already").isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(HeapPages.at(map).lsn()).isEqualTo(before);
        visible(3);
        assertThat(fixture.apply(0, map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK)).isEqualTo(3);
        visible(1);
        assertThat(fixture.apply(0, map))
                .as("nothing is taken away, but the LSN moves")
                .isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK)).isEqualTo(3);
        assertThat(HeapPages.at(map).lsn()).isEqualTo(fixture.read().nextLsn());
        assertThat(fixture.apply(1, fixture.newPage())).isEqualTo(RedoOutcome.MISSING);
    }

    @Test
    void shouldMakeTheMapsPageEvenWithoutBits() {
        final MemorySegment map = fixture.newPage();
        visible(0);
        assertThat(fixture.apply(0, map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(map).isNew()).isFalse();
        assertThat(HeapPages.at(map).lsn()).isZero();
    }

    @Test
    void shouldRefuseWhatIsNoVisibleRecord() {
        fixture.record(ResourceManager.HEAP2, VISIBLE)
                .block(0, MAP_BLOCK + 1)
                .fork(VM_FORK)
                .block(1, BLOCK)
                .main(new RecordBytes().u32(1).u8(3));
        expectError(0, fixture.newPage(), "is not the visibility map's page");
        fixture.record(ResourceManager.HEAP2, VISIBLE)
                .block(0, MAP_BLOCK)
                .fork(VM_FORK)
                .main(new RecordBytes().u32(1).u8(3));
        expectError(0, fixture.newPage(), "no block reference #1");
        fixture.record(ResourceManager.HEAP2, VISIBLE)
                .block(0, MAP_BLOCK)
                .fork(VM_FORK)
                .block(1, BLOCK)
                .main(new byte[4]);
        expectError(0, fixture.newPage(), "4 bytes of main data, not 5");
        fixture.record(ResourceManager.HEAP2, VISIBLE).block(2, BLOCK).main(new byte[5]);
        expectError(2, HeapPages.page(fixture), "no block reference #2");
    }

    @Test
    void shouldHaveNoPageForLogicalDecoding() {
        for (final int operation : new int[] {REWRITE, NEW_CID}) {
            fixture.record(ResourceManager.HEAP2, operation).main(new byte[40]);
            assertThat(fixture.touched().count()).isZero();
            fixture.record(ResourceManager.HEAP2, operation).block(0, BLOCK).main(new byte[40]);
            expectError(0, HeapPages.page(fixture), "no block reference #0");
            fixture.record(ResourceManager.HEAP2, operation).block(1, BLOCK).main(new byte[40]);
            expectError(1, HeapPages.page(fixture), "no block reference #1");
        }
    }

    @Test
    void shouldClearTheMapRegisteredOrNot() {
        multiInsert(1, 1, 2);
        expectClear(fixture.touched().touch(1), 0);
        lockUpdated(1);
        expectClear(fixture.touched().touch(1), VisibilityMap.ALL_VISIBLE);
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT)
                .block(0, BLOCK)
                .block(1, MAP_BLOCK)
                .fork(VM_FORK)
                .main(new RecordBytes().u16(1).u16(0));
        assertThat(fixture.touched().touch(1)).isEqualTo(1);
        expectClear(1, 0);
        fixture.record(ResourceManager.HEAP2, LOCK_UPDATED)
                .block(0, BLOCK)
                .block(1, MAP_BLOCK)
                .fork(VM_FORK)
                .main(new RecordBytes().u32(900).u16(1).u8(0).u8(1));
        assertThat(fixture.touched().touch(1)).isEqualTo(1);
        expectClear(1, VisibilityMap.ALL_VISIBLE);
        lockUpdated(0);
        assertThat(fixture.touched().count()).isEqualTo(1);
        multiInsert(0, 1, 2);
        assertThat(fixture.touched().count()).isEqualTo(1);
    }

    private void expectClear(final int touch, final int left) {
        final MemorySegment map = fixture.emptyPage(0);
        map.asSlice(24, PageLayout.PAGE_BYTES - 24).fill((byte) 0xFF);
        final long lsn = HeapPages.at(map).lsn();
        assertThat(fixture.apply(touch, map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK)).isEqualTo(left);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK + 1)).isEqualTo(3);
        assertThat(HeapPages.at(map).lsn())
                .isEqualTo(
                        touch >= TouchedPages.MAP_OF_BLOCK
                                ? lsn
                                : fixture.read().nextLsn());
    }

    /** Two tuples, with (4, 5) and with (6): the first ends at an odd byte. */
    private static RecordBytes tuples() {
        return new RecordBytes()
                .u16(3)
                .u16(1)
                .u16(HeapPages.PLAIN)
                .u8(24)
                .raw((byte) 0, (byte) 4, (byte) 5)
                .align(2)
                .u16(2)
                .u16(2)
                .u16(HeapPages.PLAIN | HeapTupleFlags.COMBOCID)
                .u8(24)
                .raw((byte) 0, (byte) 6);
    }

    private void multiInsert(final int flags, final int first, final int second) {
        fixture.record(ResourceManager.HEAP2, MULTI_INSERT)
                .block(0, BLOCK)
                .data(tuples())
                .main(new RecordBytes().u8(flags).u8(0).u16(2).u16s(first, second));
    }

    private void lockUpdated(final int flags) {
        fixture.record(ResourceManager.HEAP2, LOCK_UPDATED)
                .block(0, BLOCK)
                .main(new RecordBytes().u32(900).u16(1).u8(0x02 | 0x04).u8(flags));
    }

    private void visible(final int flags) {
        fixture.record(ResourceManager.HEAP2, VISIBLE)
                .block(0, MAP_BLOCK)
                .fork(VM_FORK)
                .block(1, BLOCK)
                .main(new RecordBytes().u32(650).u8(flags));
    }

    private void expectError(final int block, final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }
}
