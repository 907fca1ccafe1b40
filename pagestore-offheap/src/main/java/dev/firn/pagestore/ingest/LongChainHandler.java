package dev.firn.pagestore.ingest;

/** Hears of keys whose entries in the memory table have become many since the last that stands alone: a read would have to apply them all. */
@FunctionalInterface
public interface LongChainHandler {
    /** The key's newest entry is at {@code lsn}, which is the applied LSN. To note: no entry is added meanwhile. */
    void onLongChain(long high, long middle, long low, long lsn);
}
