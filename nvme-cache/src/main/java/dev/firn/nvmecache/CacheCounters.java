package dev.firn.nvmecache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What has happened in a cache since it was opened, and what it holds. Written by the owner's thread alone, with
 * {@link AtomicLong#setRelease}, so that a count costs a plain store; read by the metrics from any thread.
 */
public final class CacheCounters {
    /** Reads that were given to the device or answered from a block still on its way there. */
    public final AtomicLong hits = new AtomicLong();

    /** Of the hits, those answered from a block that was still on its way to the device. */
    public final AtomicLong hitsInMemory = new AtomicLong();

    public final AtomicLong misses = new AtomicLong();

    /** Reads refused for the moment, because as many as may be are in flight. */
    public final AtomicLong readsRefused = new AtomicLong();

    public final AtomicLong bytesRead = new AtomicLong();

    /** Blocks given in by callers and accepted. */
    public final AtomicLong inserts = new AtomicLong();

    /** Blocks not taken because every write buffer was in use: the device is slower than the misses. */
    public final AtomicLong insertsDroppedBusy = new AtomicLong();

    /** Blocks not taken because no slot was free to be written. */
    public final AtomicLong insertsDroppedNoSlot = new AtomicLong();

    /** Blocks not taken because the write budget was spent and nothing spoke for them. */
    public final AtomicLong insertsDroppedBudget = new AtomicLong();

    public final AtomicLong bytesWritten = new AtomicLong();

    /** Bytes of the map that were written: what persistence costs on top. */
    public final AtomicLong mapBytesWritten = new AtomicLong();

    public final AtomicLong syncs = new AtomicLong();
    public final AtomicLong evictions = new AtomicLong();

    /** Blocks dropped because their object is gone. */
    public final AtomicLong forgotten = new AtomicLong();

    /** Reads whose bytes did not agree with their checksum; each was answered as a miss and its slot emptied. */
    public final AtomicLong checksumFailures = new AtomicLong();

    /**
     * Of these, the ones whose bytes had been durable when the read began: the device rots or lies. Others may follow from a
     * sync that has failed, whose blocks are about to be dropped.
     */
    public final AtomicLong durableChecksumFailures = new AtomicLong();

    /** Slots that failed so often that they are not used again until the next open. */
    public final AtomicLong slotsRetired = new AtomicLong();

    public final AtomicLong readErrors = new AtomicLong();
    public final AtomicLong writeErrors = new AtomicLong();
    public final AtomicLong syncErrors = new AtomicLong();

    /** Blocks that were there at open, from the life before. */
    public final AtomicLong recovered = new AtomicLong();

    /** Entries of the map that were not whole, at open. */
    public final AtomicLong entriesRefused = new AtomicLong();

    /** How long reading the map took, at open. */
    public final AtomicLong recoveryNs = new AtomicLong();

    /** Blocks held now. */
    public final AtomicLong blocks = new AtomicLong();

    /** Slots that the durable map names now, or may name: what a restart finds, but for those just thrown out. */
    public final AtomicLong mappedSlots = new AtomicLong();

    /** 1 while the cache serves, 0 when it is off. */
    public final AtomicLong on = new AtomicLong();

    CacheCounters() {}

    static void add(final AtomicLong counter, final long delta) {
        counter.setRelease(counter.getPlain() + delta);
    }
}
