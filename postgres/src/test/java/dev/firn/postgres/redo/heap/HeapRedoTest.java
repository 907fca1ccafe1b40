package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
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
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The heap's own records, but for updates. They are the same in every version. */
class HeapRedoTest {
    private static final int INSERT = 0x00;
    private static final int DELETE = 0x10;
    private static final int TRUNCATE = 0x30;
    private static final int CONFIRM = 0x50;
    private static final int LOCK = 0x60;
    private static final int INPLACE = 0x70;
    private static final int INIT = 0x80;

    /** A heap block with both halves of its number set. */
    private static final int BLOCK = 0x1_7FA5;

    /** The map's page with its bits. */
    private static final int MAP_BLOCK = 3;

    private static final int VM_FORK = 2;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldMakeThePageWhenTheTupleIsItsFirst() {
        fixture.record(ResourceManager.HEAP, INSERT | INIT)
                .xid(701)
                .block(0, BLOCK)
                .willInit()
                .data(HeapPages.tuple(0x0003, HeapPages.PLAIN | HeapTupleFlags.COMBOCID, (byte) 9, (byte) 8))
                .main(new RecordBytes().u16(1).u8(0));
        final MemorySegment page = fixture.newPage();
        page.fill((byte) 0x55);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointer(1)).isEqualTo(LinePointer.of(8160, LinePointer.NORMAL, 26));
        assertThat(HeapPages.at(page).lsn()).isEqualTo(fixture.read().nextLsn());
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 1);
        assertThat(tuple.rawXmin()).isEqualTo(701);
        assertThat(tuple.xmax()).isZero();
        assertThat(tuple.commandId()).isZero();
        assertThat(tuple.ctidBlock()).isEqualTo(BLOCK);
        assertThat(tuple.ctidOffsetNumber()).isEqualTo(1);
        assertThat(tuple.infomask2()).isEqualTo(3);
        assertThat(tuple.infomask()).as("no combo command id").isEqualTo(HeapPages.PLAIN);
        assertThat(HeapPages.dataOf(page, 1)).containsExactly(9, 8);
        final byte[] bytes = HeapPages.bytesOf(page);
        for (int at = 28; at < PageLayout.PAGE_BYTES; at++) {
            if (at < 8160 || at >= 8186) {
                assertThat(bytes[at]).as("byte %d", at).isZero();
            }
        }
    }

    @Test
    void shouldLeaveTheBytesBehindATupleAsTheyWere() {
        final MemorySegment page = HeapPages.page(fixture);
        page.asSlice(28, PageLayout.PAGE_BYTES - 28).fill((byte) 0x77);
        insert(1, 0, (byte) 1);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        // 25 bytes, of 32: the last 7 are those of the hole.
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8160 + 24)).isEqualTo((byte) 1);
        for (int at = 8160 + 25; at < 8192; at++) {
            assertThat(page.get(ValueLayout.JAVA_BYTE, at)).as("byte %d", at).isEqualTo((byte) 0x77);
        }
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8159)).isEqualTo((byte) 0x77);
    }

    @Test
    void shouldTakeAnUnusedLinePointer() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 2);
        HeapPages.at(page).linePointer(1, LinePointer.UNUSED_POINTER);
        HeapPages.at(page).setFlag(PageLayout.ALL_VISIBLE | PageLayout.HAS_FREE_LINES);
        insert(1, 1, (byte) 3);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointerCount()).isEqualTo(2);
        assertThat(HeapPages.dataOf(page, 1)).containsExactly(3);
        assertThat(HeapPages.at(page).flags()).isEqualTo(PageLayout.HAS_FREE_LINES);
    }

    @Test
    void shouldRefuseATupleThatHasNoPlace() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        insert(1, 0, (byte) 3);
        expectError(page, "no place for a tuple of 25 bytes at line pointer 1");
        insert(3, 0, (byte) 3);
        expectError(page, "line pointer 3");
        insert(0, 0, (byte) 3);
        expectError(page, "line pointer 0");
        insert(2, 0, new byte[8120]);
        expectError(page, "no place for a tuple of 8144 bytes");
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .data(new byte[5])
                .main(new RecordBytes().u16(2).u8(0));
        expectError(page, "a tuple of 0 bytes behind its header");
        fixture.record(ResourceManager.HEAP, INSERT).block(0, BLOCK).main(new byte[2]);
        expectError(page, "2 bytes of main data, not 3");
    }

    @Test
    void shouldRefuseALinePointerPastMaxHeapTuplesPerPage() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.at(page).lower(24 + 4 * PageLayout.MAX_HEAP_TUPLES);
        insert(PageLayout.MAX_HEAP_TUPLES + 1, 0, (byte) 3);
        expectError(page, "line pointer 292");
        insert(PageLayout.MAX_HEAP_TUPLES, 0, (byte) 3);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
    }

    @Test
    void shouldWantInitAndItsMarkTogether() {
        final MemorySegment page = HeapPages.page(fixture);
        fixture.record(ResourceManager.HEAP, INSERT | INIT)
                .block(0, BLOCK)
                .data(HeapPages.tuple(1, 0, (byte) 1))
                .main(new RecordBytes().u16(1).u8(0));
        expectError(page, "does not mark it so");
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .willInit()
                .data(HeapPages.tuple(1, 0, (byte) 1))
                .main(new RecordBytes().u16(1).u8(0));
        expectError(page, "redo changes what is there");
        fixture.record(ResourceManager.HEAP, DELETE).block(0, BLOCK).willInit().main(new byte[8]);
        expectError(page, "redo changes what is there");
    }

    @Test
    void shouldDelete() {
        final MemorySegment page = HeapPages.page(fixture);
        final int old = HeapTupleFlags.XMAX_BITS | HeapTupleFlags.MOVED | HeapTupleFlags.COMBOCID | 1;
        HeapPages.addTuple(page, 1, old, (byte) 1);
        HeapPages.tupleOf(page, 1).infomask2(HeapTupleFlags.HOT_UPDATED | HeapTupleFlags.KEYS_UPDATED | 4);
        HeapPages.at(page).setFlag(PageLayout.ALL_VISIBLE);
        fixture.record(ResourceManager.HEAP, DELETE)
                .xid(702)
                .block(0, BLOCK)
                .main(new RecordBytes().u32(702).u16(1).u8(0x10 | 0x04).u8(0x01));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 1);
        assertThat(tuple.xmax()).isEqualTo(702);
        assertThat(tuple.rawXmin()).isEqualTo(600);
        assertThat(tuple.commandId()).isZero();
        assertThat(tuple.infomask()).isEqualTo(HeapTupleFlags.XMAX_EXCL_LOCK | 1);
        assertThat(tuple.infomask2()).isEqualTo(HeapTupleFlags.KEYS_UPDATED | 4);
        assertThat(tuple.ctidBlock()).isEqualTo(BLOCK);
        assertThat(tuple.ctidOffsetNumber()).isEqualTo(1);
        assertThat(HeapPages.at(page).pruneXid()).isEqualTo(702);
        assertThat(HeapPages.at(page).hasFlag(PageLayout.ALL_VISIBLE)).isFalse();
    }

    @Test
    void shouldKeepTheOldestTransactionToPrune() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        final int[][] oldNewKept = {
            {0, 702, 702},
            {701, 702, 701},
            {703, 702, 702},
            {3, 0xFFFF_FFF0, 0xFFFF_FFF0},
            {0xFFFF_FFF0, 3, 0xFFFF_FFF0},
            {2, 702, 2}
        };
        for (final int[] row : oldNewKept) {
            HeapPages.at(page).pruneXid(row[0]);
            delete(row[1], 0);
            fixture.apply(0, page);
            assertThat(HeapPages.at(page).pruneXid())
                    .as("%d, then %d", row[0], row[1])
                    .isEqualTo(row[2]);
        }
    }

    @Test
    void shouldUndoASpeculativeInsertion() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        delete(702, 0x08);
        fixture.apply(0, page);
        assertThat(HeapPages.tupleOf(page, 1).rawXmin()).isZero();
        assertThat(HeapPages.tupleOf(page, 1).xmax()).isZero();
    }

    @Test
    void shouldPointToAnotherPartition() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        delete(702, 0x10);
        fixture.apply(0, page);
        assertThat(HeapPages.tupleOf(page, 1).isMovedToOtherPartition()).isTrue();
    }

    @Test
    void shouldRefuseWhereThereIsNoTuple() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        HeapPages.at(page).linePointer(1, LinePointer.redirectTo(1));
        for (final int operation : new int[] {DELETE, LOCK}) {
            fixture.record(ResourceManager.HEAP, operation)
                    .block(0, BLOCK)
                    .main(new RecordBytes().u32(1).u16(1).u16(0));
            expectError(page, "line pointer 1, where there is none");
            fixture.record(ResourceManager.HEAP, operation)
                    .block(0, BLOCK)
                    .main(new RecordBytes().u32(1).u16(2).u16(0));
            expectError(page, "no line pointer 2");
            fixture.record(ResourceManager.HEAP, operation).block(0, BLOCK).main(new byte[7]);
            assertThatThrownBy(fixture::touched)
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("7 bytes");
            expectError(page, "7 bytes");
        }
        for (final int operation : new int[] {CONFIRM, INPLACE}) {
            fixture.record(ResourceManager.HEAP, operation).block(0, BLOCK).main(new RecordBytes().u16(1));
            expectError(page, "line pointer 1, where there is none");
            fixture.record(ResourceManager.HEAP, operation).block(0, BLOCK).main(new byte[1]);
            expectError(page, "1 bytes");
        }
    }

    @Test
    void shouldConfirmASpeculativeInsertion() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1);
        HeapPages.tupleOf(page, 1).ctid(77, HeapTupleFlyweight.SPECULATIVE_OFFSET_NUMBER);
        fixture.record(ResourceManager.HEAP, CONFIRM).block(0, BLOCK).main(new RecordBytes().u16(1));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.tupleOf(page, 1).ctidBlock()).isEqualTo(BLOCK);
        assertThat(HeapPages.tupleOf(page, 1).ctidOffsetNumber()).isEqualTo(1);
    }

    @Test
    void shouldCutTheUpdateChainOfATupleThatIsOnlyLocked() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, 1, HeapTupleFlags.XMAX_COMMITTED | HeapTupleFlags.COMBOCID, (byte) 1);
        HeapPages.tupleOf(page, 1).infomask2(HeapTupleFlags.HOT_UPDATED | 1);
        lock(0x02 | 0x08, 0);
        fixture.apply(0, page);
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 1);
        assertThat(tuple.infomask()).isEqualTo(HeapTupleFlags.XMAX_LOCK_ONLY | HeapTupleFlags.XMAX_KEYSHR_LOCK);
        assertThat(tuple.infomask2()).isEqualTo(1);
        assertThat(tuple.ctidBlock()).isEqualTo(BLOCK);
        assertThat(tuple.xmax()).isEqualTo(900);
        assertThat(tuple.commandId()).isZero();
    }

    @Test
    void shouldKeepTheUpdateChainOfATupleThatIsUpdatedToo() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, 1, 0, (byte) 1);
        HeapPages.tupleOf(page, 1).infomask2(HeapTupleFlags.HOT_UPDATED | 1);
        lock(0x01, 0);
        fixture.apply(0, page);
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, 1);
        assertThat(tuple.infomask()).isEqualTo(HeapTupleFlags.XMAX_IS_MULTI);
        assertThat(tuple.infomask2()).isEqualTo(HeapTupleFlags.HOT_UPDATED | 1);
        assertThat(tuple.ctidBlock()).isEqualTo(1);
    }

    @Test
    void shouldUpdateInPlaceWithTheSameLengthOnly() {
        final MemorySegment page = HeapPages.page(fixture);
        HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) 1, (byte) 2, (byte) 3);
        fixture.record(ResourceManager.HEAP, INPLACE)
                .block(0, BLOCK)
                .data((byte) 7, (byte) 8, (byte) 9)
                .main(new RecordBytes().u16(1));
        fixture.apply(0, page);
        assertThat(HeapPages.dataOf(page, 1)).containsExactly(7, 8, 9);
        assertThat(HeapPages.tupleOf(page, 1).commandId()).isEqualTo(5);
        fixture.record(ResourceManager.HEAP, INPLACE)
                .block(0, BLOCK)
                .data((byte) 7, (byte) 8)
                .main(new RecordBytes().u16(1));
        expectError(page, "2 bytes for the tuple at line pointer 1, which has 3");
    }

    @Test
    void shouldHaveNoPageForTruncate() {
        fixture.record(ResourceManager.HEAP, TRUNCATE).main(new byte[12]);
        assertThat(fixture.touched().count()).isZero();
        fixture.record(ResourceManager.HEAP, TRUNCATE).block(0, BLOCK).main(new byte[12]);
        expectError(HeapPages.page(fixture), "no block reference #0");
    }

    @Test
    void shouldClearTheMapWithoutItsPageBeingRegistered() {
        insert(1, 1, (byte) 1);
        expectUnregisteredClear(VisibilityMap.VALID_BITS, 0);
        delete(702, 1);
        expectUnregisteredClear(VisibilityMap.VALID_BITS, 0);
        lock(0, 1);
        expectUnregisteredClear(VisibilityMap.ALL_FROZEN, VisibilityMap.ALL_VISIBLE);
        insert(1, 0, (byte) 1);
        assertThat(fixture.touched().count()).isEqualTo(1);
        delete(702, 0);
        assertThat(fixture.touched().count()).isEqualTo(1);
        lock(0, 0);
        assertThat(fixture.touched().count()).isEqualTo(1);
    }

    private void expectUnregisteredClear(final int cleared, final int left) {
        final TouchedPages touched = fixture.touched();
        assertThat(touched.count()).isEqualTo(2);
        assertThat(touched.touch(1)).isEqualTo(TouchedPages.MAP_OF_BLOCK);
        assertThat(touched.fork(1)).isEqualTo(VM_FORK);
        assertThat(touched.block(1)).isEqualTo(MAP_BLOCK);
        final MemorySegment map = map();
        // Newer than the record: the bits go all the same, and the LSN stays.
        HeapPages.at(map).lsn(Long.MAX_VALUE);
        assertThat(fixture.apply(touched.touch(1), map)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK))
                .as("without %d", cleared)
                .isEqualTo(left);
        assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK - 1)).isEqualTo(VisibilityMap.VALID_BITS);
        assertThat(HeapPages.at(map).lsn()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldTreatARegisteredMapPageLikeAnyPage() {
        final int[] operations = {INSERT, DELETE, LOCK};
        final RecordBytes[] mains = {
            new RecordBytes().u16(1).u8(1),
            new RecordBytes().u32(702).u16(1).u8(0).u8(1),
            new RecordBytes().u32(702).u16(1).u8(0).u8(1)
        };
        final int[] left = {0, 0, VisibilityMap.ALL_VISIBLE};
        for (int i = 0; i < operations.length; i++) {
            fixture.record(ResourceManager.HEAP, operations[i])
                    .block(0, BLOCK)
                    .block(1, MAP_BLOCK)
                    .fork(VM_FORK)
                    .main(mains[i]);
            assertThat(fixture.touched().count()).isEqualTo(2);
            assertThat(fixture.touched().touch(1)).isEqualTo(1);
            final MemorySegment map = map();
            assertThat(fixture.apply(1, map)).isEqualTo(RedoOutcome.APPLIED);
            assertThat(VisibilityMap.get(HeapPages.at(map), BLOCK)).isEqualTo(left[i]);
            assertThat(HeapPages.at(map).lsn()).isEqualTo(fixture.read().nextLsn());
            assertThat(fixture.apply(1, map)).isEqualTo(RedoOutcome.ALREADY_APPLIED);
            HeapPages.at(map).lsn(5);
            assertThat(fixture.apply(1, map)).as("no bit was set").isEqualTo(RedoOutcome.UNCHANGED);
            assertThat(HeapPages.at(map).lsn()).isEqualTo(5);
            assertThat(fixture.apply(1, fixture.newPage())).isEqualTo(RedoOutcome.MISSING);
        }
    }

    @Test
    void shouldRefuseAMapPageThatIsNone() {
        final RecordBytes main = new RecordBytes().u16(1).u8(1);
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .block(1, MAP_BLOCK)
                .main(main);
        expectErrorOn(1, map(), "is not the visibility map's page");
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .block(1, 0)
                .fork(VM_FORK)
                .main(main);
        expectErrorOn(1, map(), "is not the visibility map's page");
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .block(1, MAP_BLOCK)
                .fork(VM_FORK)
                .main(new RecordBytes().u16(1).u8(0));
        expectErrorOn(1, map(), "no block reference #1");
        fixture.record(ResourceManager.HEAP, CONFIRM)
                .block(0, BLOCK)
                .block(1, MAP_BLOCK)
                .fork(VM_FORK)
                .main(new RecordBytes().u16(1));
        expectErrorOn(1, map(), "no block reference #1");
    }

    private MemorySegment map() {
        final MemorySegment map = fixture.emptyPage(0);
        map.asSlice(24, PageLayout.PAGE_BYTES - 24).fill((byte) 0xFF);
        return map;
    }

    private void insert(final int offsetNumber, final int flags, final byte... data) {
        fixture.record(ResourceManager.HEAP, INSERT)
                .block(0, BLOCK)
                .data(HeapPages.tuple(1, HeapPages.PLAIN, data))
                .main(new RecordBytes().u16(offsetNumber).u8(flags));
    }

    private void delete(final int xid, final int flags) {
        fixture.record(ResourceManager.HEAP, DELETE)
                .xid(xid)
                .block(0, BLOCK)
                .main(new RecordBytes().u32(xid).u16(1).u8(0).u8(flags));
    }

    private void lock(final int infobits, final int flags) {
        fixture.record(ResourceManager.HEAP, LOCK)
                .block(0, BLOCK)
                .main(new RecordBytes().u32(900).u16(1).u8(infobits).u8(flags));
    }

    private void expectError(final MemorySegment page, final String message) {
        expectErrorOn(0, page, message);
    }

    private void expectErrorOn(final int block, final MemorySegment page, final String message) {
        assertThatThrownBy(() -> fixture.apply(block, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }
}
