package dev.firn.nvmecache.reader;

import java.util.concurrent.atomic.AtomicLong;

/** What a {@link CachedReader} has done. Written by its owner's thread alone, read by the metrics from any thread. */
public final class ReaderCounters {
    public final AtomicLong reads = new AtomicLong();

    /** Blocks that a read found in the cache. */
    public final AtomicLong blocksFromCache = new AtomicLong();

    /** Blocks that a read had to have from the store. */
    public final AtomicLong blocksFromStore = new AtomicLong();

    /** Of these, the ones for which a fetch was on its way already. */
    public final AtomicLong fetchesShared = new AtomicLong();

    /** Ranged gets begun, and their bytes. */
    public final AtomicLong fetches = new AtomicLong();

    public final AtomicLong bytesFetched = new AtomicLong();

    /** Blocks fetched ahead of any read. */
    public final AtomicLong blocksPrefetched = new AtomicLong();

    /** Fetches that the store did not answer with the bytes. */
    public final AtomicLong fetchesFailed = new AtomicLong();

    ReaderCounters() {}

    static void add(final AtomicLong counter, final long delta) {
        counter.setRelease(counter.getPlain() + delta);
    }
}
