package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.uring.UringSupport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hits in place, hits through a bounce buffer, and the inserts between them allocate nothing on the heap. */
class BlockCacheAllocationTest {
    private static final int ROUNDS = 3_000;
    private static final int BATCH = 8;
    private static final int BLOCKS = 64;

    /** For the measuring itself. */
    private static final long ALLOWED_BYTES = 4096;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = RingBackend.class,
            names = {"URING", "PORTABLE"})
    void shouldAllocateNothingForAHit(final RingBackend backend) {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available());
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final CacheConfig config =
                CacheConfig.of("cache/blocks", new ObjectId(1, 1), 32 << 20).withBackend(backend);
        try (OffHeapMemory memory =
                        OffHeapMemory.open(OffHeapConfig.of("cache", 96 << 20).withChecked(false));
                Arena arena = Arena.ofConfined();
                BlockCache cache = BlockCache.open(
                        new HostStorage(directory), config, memory, SystemClock.INSTANCE, new SplittableRandom(1))) {
            final Hits hits = new Hits(cache, arena);
            hits.fill();
            hits.run(ROUNDS);
            final long before = threads.getCurrentThreadAllocatedBytes();
            hits.run(ROUNDS);
            final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(hits.answered).isEqualTo(2L * ROUNDS * BATCH);
            assertThat(cache.counters().hits.get()).isEqualTo(hits.answered);
            assertThat(allocated)
                    .as("bytes allocated by " + ROUNDS * BATCH + " hits")
                    .isLessThan(ALLOWED_BYTES);
        }
    }

    /** Half of the reads aligned, half not. */
    private static final class Hits implements ReadHandler {
        private final ObjectId object = new ObjectId(8, 9);
        private final BlockCache cache;
        private final MemorySegment block;
        private final MemorySegment[] into = new MemorySegment[BATCH];
        private long answered;
        private int next;

        Hits(final BlockCache cache, final Arena arena) {
            this.cache = cache;
            this.block = arena.allocate(CacheConfig.DEFAULT_BLOCK_BYTES, 4096);
            for (int i = 0; i < BATCH; i++) {
                into[i] = (i & 1) == 0 ? arena.allocate(8192, 4096) : arena.allocate(1001, 1);
            }
        }

        void fill() {
            for (int i = 0; i < BLOCKS; i++) {
                TrueBytes.fill(object, i, block);
                assertThat(cache.insert(object, i, 0, block)).isEqualTo(BlockCache.Insertion.TAKEN);
                cache.flush();
            }
        }

        void run(final int rounds) {
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < BATCH; i++) {
                    next = (next + 7) % BLOCKS;
                    final int begun = (i & 1) == 0
                            ? cache.read(object.high(), object.low(), next, 8192 * (i / 2), into[i], i)
                            : cache.read(object.high(), object.low(), next, 333 * i, into[i], i);
                    if (begun != BlockCache.ACCEPTED) {
                        throw new AssertionError("block " + next + " is here, and there is room: " + begun);
                    }
                }
                while (cache.readsInFlight() > 0) {
                    cache.awaitCompletions(Long.MAX_VALUE);
                    cache.poll(this, BATCH);
                }
            }
        }

        @Override
        public void onRead(final long token, final int result) {
            if (result != ((token & 1) == 0 ? 8192 : 1001)) {
                throw new AssertionError("read " + token + " gave " + result);
            }
            answered++;
        }
    }
}
