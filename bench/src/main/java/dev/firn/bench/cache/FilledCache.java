package dev.firn.bench.cache;

import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.CacheConfig;
import dev.firn.nvmecache.CacheState;
import dev.firn.nvmecache.ObjectId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A cache with blocks of one object in every slot, all of them on the device: what is read next is read from there. Each unit of 8 bytes at
 * a block's multiple of {@value #CHECKED_EVERY} tells its place. For one thread.
 */
final class FilledCache implements AutoCloseable {
    static final ObjectId OBJECT = new ObjectId(0x6669726E62656E63L, 0x6361636865686974L);
    static final int CHECKED_EVERY = 4096;

    /** More than any job has in flight. */
    private static final int READS = 256;

    private static final int WRITE_BUFFERS = 64;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final MemoryTag TAG = MemoryTag.of("bench-cache-hit");
    private static final long ROOM_BYTES = 64L << 20;
    private static final long PLACE_FACTOR = 0xD1342543DE82EF95L;

    private final Storage storage;
    private final OffHeapMemory memory;
    private final BlockCache cache;
    private final MemorySegment buffers;
    private final int[] present;

    /**
     * Opens the cache and fills it.
     *
     * @param bufferBytes of {@link #buffers()}.
     */
    FilledCache(final CacheReadJob job, final long bufferBytes, final Clock clock) {
        final CacheConfig config =
                CacheConfig.of(job.fileName(), OBJECT, job.sizeBytes()).withDepth(READS, WRITE_BUFFERS, WRITE_BUFFERS);
        storage = new HostStorage(Path.of(job.directory()));
        memory = OffHeapMemory.open(
                OffHeapConfig.of("bench-cache", BlockCache.memoryBytes(config) + bufferBytes + ROOM_BYTES));
        cache = BlockCache.open(storage, config, memory, clock, SystemRandom.create());
        buffers = memory.allocate(bufferBytes, TAG);
        cache.registerBuffers(buffers);
        fill();
        present = presentBlocks();
        if (present.length == 0 || cache.state() == CacheState.OFF) {
            throw new IllegalStateException("the cache in " + job.directory() + " does not work: " + cache.describe());
        }
    }

    BlockCache cache() {
        return cache;
    }

    /** Where reads may go: aligned, and known to the ring. */
    MemorySegment buffers() {
        return buffers;
    }

    /** The blocks that are there. */
    int[] present() {
        return present;
    }

    /** The word that stands at a multiple of {@link #CHECKED_EVERY} of a block. */
    static long wordAt(final int block, final long offset) {
        return (((long) block << Integer.SIZE | offset) + 1) * PLACE_FACTOR;
    }

    static long firstWord(final MemorySegment read) {
        return read.get(WORD, 0);
    }

    private void fill() {
        final int blockBytes = cache.config().blockBytes();
        final MemorySegment block = memory.allocate(blockBytes, TAG);
        final XorShift noise = new XorShift(blockBytes);
        for (long offset = 0; offset < blockBytes; offset += Long.BYTES) {
            block.set(WORD, offset, noise.nextLong());
        }
        final long most = cache.config().sizeBytes() / blockBytes;
        // Once one has been thrown out for another, every slot is taken.
        for (int number = 0; number < most && cache.counters().evictions.get() == 0; number++) {
            for (long offset = 0; offset < blockBytes; offset += CHECKED_EVERY) {
                block.set(WORD, offset, wordAt(number, offset));
            }
            if (cache.insert(OBJECT, number, 0, block) == BlockCache.Insertion.DROPPED) {
                // Faster than the device: let it catch up.
                cache.flush();
                if (cache.insert(OBJECT, number, 0, block) == BlockCache.Insertion.DROPPED) {
                    break;
                }
            }
        }
        cache.flush();
        memory.free(block);
    }

    private int[] presentBlocks() {
        final int most = (int) (cache.config().sizeBytes() / cache.config().blockBytes());
        final int[] blocks = new int[most];
        int count = 0;
        for (int number = 0; number < most; number++) {
            if (cache.contains(OBJECT, number)) {
                blocks[count++] = number;
            }
        }
        return Arrays.copyOf(blocks, count);
    }

    @Override
    public void close() {
        cache.close();
        memory.free(buffers);
        memory.close();
        storage.close();
    }
}
