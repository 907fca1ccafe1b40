package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.wakeup.WaitSet;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * A cache of blocks of immutable objects on a local device. Belongs to the thread that opened it; nothing but {@link #open},
 * {@link #awaitCompletions}, {@link #flush} and {@link #close} waits.
 */
public final class BlockCache implements AutoCloseable {
    /** Ten allocations, each up to the next 2 MiB. */
    private static final long SLABS_BYTES = 10L << 21;

    private static final Logger LOG = System.getLogger(BlockCache.class.getPackageName());

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

    private static final ReadHandler NOBODY = (token, result) -> {};

    private final CacheConfig config;
    private final CacheCounters counters;

    /** Null when the file could not be opened, and after close. */
    private CacheEngine engine;

    /** Why there is no engine. */
    private String reason;

    private boolean closed;

    private BlockCache(
            final CacheConfig config, final CacheCounters counters, final CacheEngine engine, final String reason) {
        this.config = config;
        this.counters = counters;
        this.engine = engine;
        this.reason = reason;
    }

    /**
     * Opens the cache of a file, or makes it. Takes the lock of the file's directory, which is made when it is not there.
     *
     * <p>A device that fails here (no space, no file, an error) gives a cache that is {@link CacheState#OFF}, with one line in
     * the log, because Firn can go on without.
     *
     * @param memory borrowed until close; see {@link #memoryBytes}.
     * @param random for the id of a file that is made.
     * @throws CacheRefusedException when the file is another cluster's, of another version, or not to be read as a cache.
     * @throws dev.firn.nativeio.storage.DirectoryLockedException when another process, or another cache, has it open.
     */
    public static BlockCache open(
            final Storage storage,
            final CacheConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        final CacheCounters counters = new CacheCounters();
        try {
            final CacheEngine engine = CacheEngine.open(storage, config, memory, clock, random, counters);
            return new BlockCache(config, counters, engine, "");
        } catch (final StorageException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "the cache " + config.fileName() + " is off, Firn goes on without it until the next start: "
                            + e.getMessage());
            return new BlockCache(config, counters, null, e.getMessage());
        }
    }

    /** How much of its {@link OffHeapMemory} a cache of this configuration takes, with what its slabs round up to. */
    public static long memoryBytes(final CacheConfig config) {
        return BlockDirectory.memoryBytes(config.slots()) + IoBuffers.memoryBytes(config) + SLABS_BYTES;
    }

    /**
     * Begins to read a range of a block. Allocates nothing, never blocks; nothing is sent before the next {@link #poll} or
     * {@link #awaitCompletions}.
     *
     * <p>A range that begins and ends at multiples of {@link CacheConfig#unitBytes()}, into memory that is aligned to what
     * direct I/O asks for, is read in place; others go through a buffer and a copy.
     *
     * @param offset within the block.
     * @param into native memory, borrowed until the handler is called; as many bytes as are wanted. When the block ends before,
     *     fewer are read, and what follows in the last unit is undefined.
     * @return {@link #ACCEPTED}, {@link #MISS} or {@link #FULL}.
     * @throws IndexOutOfBoundsException when the range does not begin within the block.
     */
    public int read(
            final long objectHigh,
            final long objectLow,
            final int block,
            final int offset,
            final MemorySegment into,
            final long token) {
        return read(objectHigh, objectLow, block, offset, into, 0, into.byteSize(), token);
    }

    /**
     * As {@link #read(long, long, int, int, MemorySegment, long)}, into a part of the memory. For who has no object for that part, and need not make
     * one: such a read goes through a buffer unless the part is the whole.
     *
     * @param intoOffset where in the memory the first byte goes.
     * @param lengthBytes how many bytes are wanted.
     */
    public int read(
            final long objectHigh,
            final long objectLow,
            final int block,
            final int offset,
            final MemorySegment into,
            final long intoOffset,
            final long lengthBytes,
            final long token) {
        if (isOff()) {
            CacheCounters.add(counters.misses, 1);
            return MISS;
        }
        return engine.read(objectHigh, objectLow, block, offset, into, intoOffset, lengthBytes, token);
    }

    /** As {@link #read(long, long, int, int, MemorySegment, long)}. */
    public int read(
            final ObjectId object, final int block, final int offset, final MemorySegment into, final long token) {
        return read(object.high(), object.low(), block, offset, into, token);
    }

    /**
     * Whether a block seems to be here: by its hash alone, one cache line of the index; one of 600 million absent blocks seems
     * to be. For deciding what to fetch; {@link #read} is exact. Counts as no access.
     */
    public boolean contains(final ObjectId object, final int block) {
        return !isOff() && engine.contains(object, block);
    }

    /**
     * Gives a block to the cache, which copies it. Never blocks: when the device is behind, the block is dropped and counted.
     *
     * @param tenant whose block it is: see {@link TenantShares}.
     * @param bytes the whole block: blockBytes, or fewer for the last block of an object.
     */
    public Insertion insert(final ObjectId object, final int block, final int tenant, final MemorySegment bytes) {
        if (block < 0 || bytes.byteSize() < 1 || bytes.byteSize() > config.blockBytes()) {
            throw new IllegalArgumentException("block " + block + " with " + bytes.byteSize()
                    + " bytes: the number is at least 0, the length within 1.." + config.blockBytes());
        }
        if (tenant < 0 || tenant >= TenantShares.MAX_TENANTS) {
            throw new IllegalArgumentException(
                    "tenant " + tenant + " is not within 0.." + (TenantShares.MAX_TENANTS - 1));
        }
        return isOff() ? Insertion.DROPPED : engine.insert(object, block, tenant, bytes);
    }

    /**
     * Drops the blocks of an object that is gone, a bounded number in each {@link #poll}. For room, not for safety: an id
     * never comes back.
     *
     * @param blockCount how many blocks the object had.
     * @return false when too many objects wait to be forgotten: the blocks will age away instead.
     */
    public boolean forget(final ObjectId object, final int blockCount) {
        return isOff() || engine.forget(object, blockCount);
    }

    /** Drops one block, whose bytes were found not to be the object's: the next read of it misses. */
    public void drop(final ObjectId object, final int block) {
        if (!isOff()) {
            engine.drop(object, block);
        }
    }

    /** Sends what was begun, answers up to {@code limit} reads, and does what else is due. Returns how much was done. */
    public int poll(final ReadHandler handler, final int limit) {
        return engine == null ? 0 : engine.poll(handler, limit);
    }

    /** Sends what was begun and waits until something can be polled, at most for so long. For callers without other work. */
    public void awaitCompletions(final long timeoutNs) {
        if (engine != null) {
            engine.awaitCompletions(timeoutNs);
        }
    }

    /** Lets completions wake the thread that waits on a set. Before {@link #close}, it is told to {@link #wakeNoMore}. */
    public void wakeBy(final WaitSet waits) {
        if (engine != null) {
            waits.add(engine.ring());
        }
    }

    /** Ends {@link #wakeBy}. */
    public void wakeNoMore(final WaitSet waits) {
        if (engine != null) {
            waits.remove(engine.ring());
        }
    }

    /** Reads accepted and not answered. */
    public int readsInFlight() {
        return engine == null ? 0 : engine.readsInFlight();
    }

    /** Blocks that a tenant holds. */
    public int held(final int tenant) {
        return engine == null ? 0 : engine.held(tenant);
    }

    /**
     * Lets the ring know regions that reads go into, beside the cache's own buffers: see
     * {@link dev.firn.nativeio.storage.Ring#registerBuffers}. Only with nothing in flight.
     */
    public boolean registerBuffers(final MemorySegment... regions) {
        return engine != null && engine.registerBuffers(regions);
    }

    /**
     * Makes all that was inserted durable, with its entries. Waits.
     *
     * @throws IllegalStateException when reads are in flight: their answers would have no handler.
     */
    public void flush() {
        if (readsInFlight() != 0) {
            throw new IllegalStateException(
                    readsInFlight() + " reads of the cache are in flight: poll until they are answered, then flush");
        }
        if (engine != null) {
            engine.drain(NOBODY);
        }
    }

    public CacheState state() {
        if (closed) {
            return CacheState.CLOSED;
        }
        return isOff() ? CacheState.OFF : CacheState.ON;
    }

    /** Why the cache is off; empty while it is on. */
    public String reason() {
        return engine == null ? reason : engine.health().reason();
    }

    public CacheConfig config() {
        return config;
    }

    public CacheCounters counters() {
        return counters;
    }

    /** One line for the log, {@code status} and benchmarks. */
    public String describe() {
        return "cache " + config.fileName() + ", " + config.slots() + " blocks of " + config.blockBytes() + " bytes, "
                + (isOff() ? "off: " + reason() : engine.describe());
    }

    /**
     * Flushes, and gives everything back. Waits. Reads in flight are given up: no handler hears of them. Idempotent.
     *
     * <p>An agent that must not wait calls {@link #abandon} instead.
     */
    @Override
    public void close() {
        try {
            if (engine != null) {
                engine.drain(NOBODY);
            }
        } finally {
            abandon();
        }
    }

    /**
     * As {@link #close}, without flushing: what was inserted in the last interval is not found by the next open, as after a
     * crash. Idempotent.
     */
    public void abandon() {
        closed = true;
        if (engine != null) {
            final CacheEngine ending = engine;
            engine = null;
            reason = "closed";
            counters.on.setRelease(0);
            ending.close();
        }
    }

    private boolean isOff() {
        return engine == null || !engine.health().on();
    }
}
