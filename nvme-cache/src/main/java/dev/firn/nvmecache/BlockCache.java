package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * A cache of blocks of immutable objects on a local device. Belongs to the thread that opened it; nothing but {@link #open},
 * {@link #awaitCompletions}, {@link #flush} and {@link #close} waits.
 */
public final class BlockCache implements AutoCloseable {
    /** A read that was accepted: its handler will be called. */
    public static final int ACCEPTED = 0;

    /** The block is not here; no handler will be called. */
    public static final int MISS = -1;

    /** As many reads as may be are in flight: poll, then ask again. No handler will be called. */
    public static final int FULL = -2;

    /** What became of an {@link #insert}. */
    public enum Insertion {
        /** It will be written; reads find it from now on. */
        TAKEN,
        /** It is here already. */
        PRESENT,
        /** Not taken, for the reason that the counters tell. */
        DROPPED
    }

    private BlockCache() {}

    /**
     * Opens the cache of a file, or makes it.
     *
     * <p>A device that fails here (no space, no file, an error) gives a cache that is {@link CacheState#OFF}, with one line in
     * the log, because Firn can go on without.
     *
     * @throws CacheRefusedException when the file is another cluster's, of another version, or not to be read as a cache.
     */
    public static BlockCache open(
            final Storage storage,
            final CacheConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        throw new UnsupportedOperationException("under construction");
    }

    /** How much of its {@link OffHeapMemory} a cache of this configuration takes; allow 2 MiB for each of ten allocations. */
    public static long memoryBytes(final CacheConfig config) {
        throw new UnsupportedOperationException("under construction");
    }

    /**
     * Begins to read a range of a block. Allocates nothing, never blocks; nothing is sent before the next {@link #poll}.
     *
     * <p>A range that begins and ends at multiples of {@link CacheConfig#unitBytes()}, into memory that is aligned to what
     * direct I/O asks for, is read in place; others go through a buffer and a copy.
     *
     * @param offset within the block.
     * @param into native memory, borrowed until the handler is called; as many bytes as are wanted. When the block ends before,
     *     fewer are read.
     * @return {@link #ACCEPTED}, {@link #MISS} or {@link #FULL}.
     */
    public int read(
            final long objectHigh,
            final long objectLow,
            final int block,
            final int offset,
            final MemorySegment into,
            final long token) {
        throw new UnsupportedOperationException("under construction");
    }

    public int read(
            final ObjectId object, final int block, final int offset, final MemorySegment into, final long token) {
        return read(object.high(), object.low(), block, offset, into, token);
    }

    /** Whether a block is here; counts as no access. */
    public boolean contains(final ObjectId object, final int block) {
        throw new UnsupportedOperationException("under construction");
    }

    /**
     * Gives a block to the cache, which copies it. Never blocks: when the device is behind, the block is dropped and counted.
     *
     * @param tenant whose block it is: see {@link TenantShares}.
     * @param bytes the whole block: blockBytes, or fewer for the last block of an object.
     */
    public Insertion insert(final ObjectId object, final int block, final int tenant, final MemorySegment bytes) {
        throw new UnsupportedOperationException("under construction");
    }

    /**
     * Drops the blocks of an object that is gone, a bounded number in each {@link #poll}. For room, not for safety: an id
     * never comes back.
     *
     * @param blockCount how many blocks the object had.
     * @return false when too many objects wait to be forgotten: the blocks will age away instead.
     */
    public boolean forget(final ObjectId object, final int blockCount) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Sends what was begun, answers up to {@code limit} reads, and does what else is due. Returns how much was done. */
    public int poll(final ReadHandler handler, final int limit) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Sends what was begun and waits until something can be polled, at most for so long. For callers without other work. */
    public void awaitCompletions(final long timeoutNs) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Reads accepted and not answered. */
    public int readsInFlight() {
        throw new UnsupportedOperationException("under construction");
    }

    /**
     * Lets the ring know regions that reads go into, beside the cache's own buffers: see
     * {@link dev.firn.nativeio.storage.Ring#registerBuffers}. Only before the first read.
     */
    public boolean registerBuffers(final MemorySegment... regions) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Makes all that was inserted durable, with its entries. Waits. Reads in flight must have been answered. */
    public void flush() {
        throw new UnsupportedOperationException("under construction");
    }

    public CacheState state() {
        throw new UnsupportedOperationException("under construction");
    }

    public CacheConfig config() {
        throw new UnsupportedOperationException("under construction");
    }

    public CacheCounters counters() {
        throw new UnsupportedOperationException("under construction");
    }

    /** One line for the log, {@code status} and benchmarks. */
    public String describe() {
        throw new UnsupportedOperationException("under construction");
    }

    /** Flushes, and gives everything back. Reads in flight must have been answered. */
    @Override
    public void close() {}
}
