package dev.firn.bench.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of a shard allocate nothing, wherever the page comes from. */
final class PageAllocationTest {
    private static final int READS = 1_000;

    /** Compilation ends somewhere on the way: then a round allocates nothing. */
    private static final int MAX_ROUNDS = 1_000;

    private static final long CACHE_BYTES = 16L << 20;
    private static final int BLOCKS = 128;
    private static final int DEPTH = 4;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 64, 256})
    void shouldAllocateNothingForPagesOfMemoryTables(final int deltas) throws IOException {
        try (PageBed bed =
                new PageBed(directory, new PageBed.Shape(new GeneratedPages(BLOCKS, deltas), 1, CACHE_BYTES))) {
            assertThat(leastAllocated(bed, false)).isZero();
            assertThat(bed.shard().counters().cacheHits())
                    .isLessThan(bed.shard().counters().reads() / 10);
        }
    }

    @Test
    void shouldAllocateNothingForPagesOfThePageCache() throws IOException {
        try (PageBed bed =
                new PageBed(directory, new PageBed.Shape(new GeneratedPages(BLOCKS, 8), 2 * BLOCKS, CACHE_BYTES))) {
            assertThat(leastAllocated(bed, false)).isZero();
            assertThat(bed.shard().counters().cacheHits())
                    .isGreaterThan(bed.shard().counters().reads() / 10 * 8);
        }
    }

    @Test
    void shouldAllocateNothingForPagesOfLayersInTheBlockCache() throws IOException {
        try (PageBed bed = new PageBed(directory, new PageBed.Shape(new GeneratedPages(BLOCKS, 8), 1, CACHE_BYTES))) {
            bed.flush();
            final long allocated = leastAllocated(bed, true);
            assertThat(bed.cache().counters().hits.get()).isGreaterThan(READS);
            assertThat(allocated).isZero();
        }
    }

    private static long leastAllocated(final PageBed bed, final boolean waits) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final PageReadLoop loop = new PageReadLoop(bed, DEPTH, 1, waits);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < MAX_ROUNDS && least > 0; i++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            loop.run(READS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
