package dev.firn.pagestore.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Adding and finding makes no object, once the code is compiled. */
class MemoryTableAllocationTest {
    private static final int MAX_PASSES = 200;
    private static final int ROUNDS = 5_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldNotAllocateOnTheHeap() {
        final MemorySegment bytes = MemorySegment.ofArray(new byte[64]);
        final long thread = Thread.currentThread().threadId();
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
            try (OffHeapMemory memory = OffHeapMemory.open(
                            OffHeapConfig.of("memory-table-test", 4 << 20).withChecked(false));
                    MemoryTable table = new MemoryTable(memory, new MemoryTableConfig(2 << 20), 0)) {
                final long before = threads.getThreadAllocatedBytes(thread);
                long found = 0;
                for (int round = 1; round <= ROUNDS; round++) {
                    final int key = round * 31 % 1999;
                    final long position = table.keepRecord(bytes, 0, 64, round * 8L - 8, round * 8L);
                    final long entry = table.addRecord(1, key, key, EntryKind.RECORD, 0, position);
                    table.addSize(2, key, 0, round * 8L, key);
                    table.endLsn(round * 8L);
                    found += table.lsn(table.newest(1, key, key, round * 8L)) + table.deltas(entry);
                    found += table.older(entry) + table.recordAtLsn(entry) + (table.hasRoom(100, 2) ? 1 : 0);
                }
                allocated = threads.getThreadAllocatedBytes(thread) - before;
                assertThat(found).isPositive();
            }
        }
        assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
    }
}
