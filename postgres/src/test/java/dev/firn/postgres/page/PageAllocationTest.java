package dev.firn.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The paths that run for each page or record must not allocate once they are compiled. */
class PageAllocationTest {
    private static final int MAX_PASSES = 500;
    private static final int ROUNDS = 2_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldNotAllocateForChecksumsItemsAndMaps() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(PageLayout.PAGE_BYTES);
            final PageFlyweight page = new PageFlyweight().wrap(memory, 0);
            page.initialize(0);
            page.lower(28);
            page.linePointer(1, LinePointer.of(8000, LinePointer.NORMAL, 100));
            memory.set(ValueLayout.JAVA_BYTE, 8022, (byte) 24);
            final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
            expectNone(round -> {
                page.lsn(round);
                tuple.wrap(page, 1).xmax(round);
                PageChecksum.store(memory, 0, round);
                return PageChecksum.verify(page, round, true) == PageVerdict.VALID;
            });
            page.initialize(0);
            expectNone(round -> VisibilityMap.set(page, round, 1)
                    | FreeSpaceMap.set(page, FreeSpaceMap.slot(round), round & 0xFF)
                    | true);
        }
    }

    private interface Work {
        boolean run(int round);
    }

    /** Runs it until it is compiled: then a pass leaves nothing on the heap but what the measurement itself does. */
    private void expectNone(final Work work) {
        final long thread = Thread.currentThread().threadId();
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < MAX_PASSES && allocated >= ROUNDS; pass++) {
            boolean right = true;
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int round = 0; round < ROUNDS; round++) {
                right &= work.run(round);
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(right).isTrue();
        }
        assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
    }
}
