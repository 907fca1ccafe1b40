package dev.firn.postgres.redo.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pruning, vacuuming and freezing, whose records differ: the same effects, by the records of 15 and of 17. */
class PruneRedoTest {
    private static final int FIRST = 0x10;
    private static final int SECOND = 0x20;
    private static final int THIRD = 0x30;
    private static final int BLOCK = 11;

    // XLHP_* of 17.
    private static final int CLEANUP_LOCK = 0x04;
    private static final int CONFLICT_HORIZON = 0x08;
    private static final int PLANS = 0x10;
    private static final int REDIRECTIONS = 0x20;
    private static final int DEAD = 0x40;
    private static final int UNUSED = 0x80;

    private static final int DEAD_POINTER = LinePointer.of(0, LinePointer.DEAD, 0);

    private final RedoFixture fifteen = new RedoFixture(PostgresVersion.V15);
    private final RedoFixture seventeen = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fifteen.close();
        seventeen.close();
    }

    @Test
    void shouldPruneByTheRecordOf15() {
        fifteen.record(ResourceManager.HEAP2, FIRST)
                .block(0, BLOCK)
                .data(new RecordBytes().u16s(1, 3).u16s(2).u16s(4, 6))
                .main(new RecordBytes().u32(650).u16(1).u16(1));
        expectPruned(fifteen);
    }

    @Test
    void shouldPruneByTheRecordOf17() {
        for (final int operation : new int[] {FIRST, SECOND, THIRD}) {
            seventeen
                    .record(ResourceManager.HEAP2, operation)
                    .block(0, BLOCK)
                    .data(new RecordBytes().u16s(1, 1, 3).u16s(1, 2).u16s(2, 4, 6))
                    .main(new RecordBytes()
                            .u8(0)
                            .u8(CLEANUP_LOCK | CONFLICT_HORIZON | REDIRECTIONS | DEAD | UNUSED)
                            .u32(650));
            expectPruned(seventeen);
        }
    }

    /** Of six tuples, 3 and 5 stay; 1 points to 3, 2 is dead, 4 is unused, and 6, the last, is gone with its pointer. */
    private void expectPruned(final RedoFixture fixture) {
        final MemorySegment page = sixTuples(fixture);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointerCount()).isEqualTo(5);
        assertThat(HeapPages.at(page).linePointer(1)).isEqualTo(LinePointer.redirectTo(3));
        assertThat(HeapPages.at(page).linePointer(2)).isEqualTo(DEAD_POINTER);
        assertThat(HeapPages.at(page).linePointer(3)).isEqualTo(LinePointer.of(8160, LinePointer.NORMAL, 25));
        assertThat(HeapPages.at(page).linePointer(4)).isZero();
        assertThat(HeapPages.at(page).linePointer(5)).isEqualTo(LinePointer.of(8128, LinePointer.NORMAL, 25));
        assertThat(HeapPages.dataOf(page, 3)).containsExactly(3);
        assertThat(HeapPages.dataOf(page, 5)).containsExactly(5);
        assertThat(HeapPages.at(page).upper()).isEqualTo(8128);
        assertThat(HeapPages.at(page).flags()).isEqualTo(PageLayout.HAS_FREE_LINES);
        assertThat(HeapPages.at(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldVacuumByTheRecordOf15() {
        fifteen.record(ResourceManager.HEAP2, SECOND)
                .block(0, BLOCK)
                .data(new RecordBytes().u16s(2, 5, 6))
                .main(new RecordBytes().u16(3));
        expectVacuumed(fifteen);
    }

    @Test
    void shouldVacuumByTheRecordOf17() {
        seventeen
                .record(ResourceManager.HEAP2, THIRD)
                .block(0, BLOCK)
                .data(new RecordBytes().u16s(3, 2, 5, 6))
                .main(new RecordBytes().u8(0).u8(UNUSED));
        expectVacuumed(seventeen);
    }

    /** Dead pointers become unused; no tuple moves. */
    private void expectVacuumed(final RedoFixture fixture) {
        final MemorySegment page = sixTuples(fixture);
        for (final int dead : new int[] {2, 5, 6}) {
            HeapPages.at(page).linePointer(dead, DEAD_POINTER);
        }
        final int upper = HeapPages.at(page).upper();
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointerCount()).isEqualTo(4);
        assertThat(HeapPages.at(page).linePointer(2)).isZero();
        assertThat(HeapPages.at(page).upper()).isEqualTo(upper);
        assertThat(HeapPages.dataOf(page, 4)).containsExactly(4);
        assertThat(HeapPages.at(page).flags()).isEqualTo(PageLayout.HAS_FREE_LINES);
    }

    @Test
    void shouldFreezeByTheRecordOf15() {
        final RecordBytes data = new RecordBytes();
        final int[][] plans = {{1, 0, 0}, {3, 77, 0x02}, {4, 0, 0x04}};
        for (final int[] plan : plans) {
            data.u32(plan[1])
                    .u16(plan[0])
                    .u16(0x2001)
                    .u16(HeapTupleFlags.XMIN_FROZEN)
                    .u8(plan[2])
                    .u8(0);
        }
        fifteen.record(ResourceManager.HEAP2, THIRD)
                .block(0, BLOCK)
                .data(data)
                .main(new RecordBytes().u32(690).u16(3));
        final MemorySegment page = sixTuples(fifteen);
        assertThat(fifteen.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        expectFrozen(page, 1, 0, 5);
        expectFrozen(page, 3, 77, HeapTupleFlyweight.FROZEN_XID);
        expectFrozen(page, 4, 0, 0);
        assertThat(HeapPages.tupleOf(page, 2).isXminFrozen()).isFalse();
    }

    @Test
    void shouldFreezeByTheRecordOf17AfterPruning() {
        seventeen
                .record(ResourceManager.HEAP2, SECOND)
                .block(0, BLOCK)
                .data(new RecordBytes()
                        .u16(2)
                        .u16(0)
                        .u32(0)
                        .u16(0x2001)
                        .u16(HeapTupleFlags.XMIN_FROZEN)
                        .u8(0)
                        .u8(0)
                        .u16(2)
                        .u32(77)
                        .u16(0x2001)
                        .u16(HeapTupleFlags.XMIN_FROZEN)
                        .u8(0x02)
                        .u8(0)
                        .u16(1)
                        .u16s(1, 6)
                        .u16s(1, 4)
                        .u16s(3))
                .main(new RecordBytes().u8(0).u8(CLEANUP_LOCK | PLANS | UNUSED));
        final MemorySegment page = sixTuples(seventeen);
        assertThat(seventeen.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(HeapPages.at(page).linePointerCount()).isEqualTo(5);
        expectFrozen(page, 1, 0, 5);
        expectFrozen(page, 4, 0, 5);
        expectFrozen(page, 3, 77, HeapTupleFlyweight.FROZEN_XID);
        assertThat(HeapPages.dataOf(page, 5)).containsExactly(5);
    }

    @Test
    void shouldFreezeAloneWithoutTouchingLinePointers() {
        seventeen
                .record(ResourceManager.HEAP2, SECOND)
                .block(0, BLOCK)
                .data(new RecordBytes()
                        .u16(1)
                        .u16(0)
                        .u32(0)
                        .u16(0x2001)
                        .u16(HeapTupleFlags.XMIN_FROZEN)
                        .u16(0)
                        .u16(1)
                        .u16s(2))
                .main(new RecordBytes().u8(0).u8(PLANS));
        final MemorySegment page = sixTuples(seventeen);
        HeapPages.at(page).setFlag(PageLayout.HAS_FREE_LINES);
        assertThat(seventeen.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        expectFrozen(page, 2, 0, 5);
        assertThat(HeapPages.at(page).flags()).as("a hint left alone").isEqualTo(PageLayout.HAS_FREE_LINES);
    }

    private static void expectFrozen(
            final MemorySegment page, final int offsetNumber, final int xmax, final int commandId) {
        final HeapTupleFlyweight tuple = HeapPages.tupleOf(page, offsetNumber);
        assertThat(tuple.infomask()).isEqualTo(HeapTupleFlags.XMIN_FROZEN);
        assertThat(tuple.infomask2()).isEqualTo(0x2001);
        assertThat(tuple.rawXmin()).isEqualTo(600);
        assertThat(tuple.xmax()).isEqualTo(xmax);
        assertThat(tuple.commandId()).isEqualTo(commandId);
    }

    @Test
    void shouldRefuseRecordsOf15ThatDoNotFit() {
        prune15(new RecordBytes().u16s(1, 3), 2, 0);
        expectError(fifteen, "asks for 2");
        prune15(new RecordBytes().u16s(7), 0, 1);
        expectError(fifteen, "no line pointer 7");
        prune15(new RecordBytes().u16s(1).u8(1), 0, 1);
        expectError(fifteen, "1 bytes more");
        fifteen.record(ResourceManager.HEAP2, SECOND)
                .block(0, BLOCK)
                .data(new RecordBytes().u16s(2, 5))
                .main(new RecordBytes().u16(1));
        expectError(fifteen, "2 bytes more");
        fifteen.record(ResourceManager.HEAP2, THIRD)
                .block(0, BLOCK)
                .data(new RecordBytes().u32(0).u16(9).fill(6, 0))
                .main(new RecordBytes().u32(0).u16(1));
        expectError(fifteen, "no line pointer 9");
    }

    private void prune15(final RecordBytes data, final int redirected, final int dead) {
        fifteen.record(ResourceManager.HEAP2, FIRST)
                .block(0, BLOCK)
                .data(data)
                .main(new RecordBytes().u32(650).u16(redirected).u16(dead));
    }

    @Test
    void shouldRefuseRecordsOf17ThatDoNotFit() {
        prune17(PLANS, new RecordBytes().u16(0xFFFF).u16(0));
        expectError(seventeen, "asks for 786420");
        prune17(REDIRECTIONS, new RecordBytes().u16s(1, 1));
        expectError(seventeen, "asks for 2");
        prune17(DEAD, new RecordBytes().u16s(1, 7));
        expectError(seventeen, "no line pointer 7");
        prune17(UNUSED, new RecordBytes().u16s(1, 2, 3));
        expectError(seventeen, "2 bytes more");
        prune17(
                PLANS,
                new RecordBytes()
                        .u16(1)
                        .u16(0)
                        .u32(0)
                        .u16(1)
                        .u16(0)
                        .u16(0)
                        .u16(2)
                        .u16(1));
        expectError(seventeen, "asks for 2");
        prune17(
                PLANS,
                new RecordBytes()
                        .u16(1)
                        .u16(0)
                        .u32(0)
                        .u16(1)
                        .u16(0)
                        .u16(0)
                        .u16(1)
                        .u16(0));
        expectError(seventeen, "no line pointer 0");
        seventeen.record(ResourceManager.HEAP2, FIRST).block(0, BLOCK).main(new byte[1]);
        expectError(seventeen, "asks for 1 at 1");
        seventeen
                .record(ResourceManager.HEAP2, FIRST)
                .block(0, BLOCK)
                .willInit()
                .main(new byte[2]);
        expectError(seventeen, "redo changes what is there");
    }

    private void prune17(final int flags, final RecordBytes data) {
        seventeen
                .record(ResourceManager.HEAP2, FIRST)
                .block(0, BLOCK)
                .data(data)
                .main(new RecordBytes().u8(0).u8(flags | CLEANUP_LOCK));
    }

    private static MemorySegment sixTuples(final RedoFixture fixture) {
        final MemorySegment page = HeapPages.page(fixture);
        for (int i = 1; i <= 6; i++) {
            HeapPages.addTuple(page, BLOCK, HeapPages.PLAIN, (byte) i);
        }
        return page;
    }

    private static void expectError(final RedoFixture fixture, final String message) {
        final MemorySegment page = sixTuples(fixture);
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(message);
    }
}
