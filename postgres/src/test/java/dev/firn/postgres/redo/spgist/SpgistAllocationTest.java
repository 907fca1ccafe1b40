package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPages.leaf;
import static dev.firn.postgres.redo.spgist.SpgistPages.page;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Redo of a good record leaves nothing on the heap: here of one that deletes several tuples, the longest way that SP-GiST has. */
class SpgistAllocationTest {
    private static final int VACUUM_LEAF = 0x60;
    private static final int MAX_PASSES = 500;
    private static final int ROUNDS = 2_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldNotAllocateForRedo() {
        try (RedoFixture fixture = new RedoFixture(PostgresVersion.V17)) {
            fixture.record(ResourceManager.SPGIST, VACUUM_LEAF)
                    .block(0, 7)
                    .main(new RecordBytes().u16s(1, 3, 1, 1).u64(0).u16s(1, 6, 2, 5, 4, 3, 7, 3));
            final WalRecord record = fixture.read();
            final Redo redo = fixture.redo();
            final MemorySegment before = page(
                    fixture,
                    SpgistPage.LEAF,
                    leaf(0, 1),
                    leaf(0, 2),
                    leaf(0, 3),
                    leaf(0, 4),
                    leaf(0, 5),
                    leaf(0, 6),
                    leaf(0, 7));
            final MemorySegment page = fixture.newPage();
            long allocated = Long.MAX_VALUE;
            for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
                final long thread = Thread.currentThread().threadId();
                final long start = threads.getThreadAllocatedBytes(thread);
                int applied = 0;
                for (int round = 0; round < ROUNDS; round++) {
                    MemorySegment.copy(before, 0, page, 0, PageLayout.PAGE_BYTES);
                    applied += redo.apply(record, 0, page) == RedoOutcome.APPLIED ? 1 : 0;
                }
                allocated = threads.getThreadAllocatedBytes(thread) - start;
                assertThat(applied).isEqualTo(ROUNDS);
            }
            assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
        }
    }
}
