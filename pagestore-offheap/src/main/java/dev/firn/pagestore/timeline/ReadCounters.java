package dev.firn.pagestore.timeline;

/**
 * What a shard's reads have met since it was started, for the metrics. Written by the shard's thread alone; others may read figures that are a
 * moment old.
 */
public final class ReadCounters {
    /** Powers of two: 0, 1, 2 to 3, 4 to 7, and so on. */
    public static final int DELTA_BUCKETS = 22;

    volatile long published;
    long reads;
    long refused;
    long cacheHits;
    long cacheBases;
    long cacheMisses;
    long blocksRead;
    long blocksInVain;
    long damaged;
    private final long[] pagesByDeltas = new long[DELTA_BUCKETS];
    private long deltas;

    void deltas(final int count) {
        deltas += count;
        pagesByDeltas[Math.min(DELTA_BUCKETS - 1, Integer.SIZE - Integer.numberOfLeadingZeros(count))]++;
    }

    /** Makes what was counted visible to other threads; once a duty cycle. */
    void publish() {
        published = reads;
    }

    /** Reads answered or refused. */
    public long reads() {
        return published;
    }

    public long refused() {
        return published < 0 ? 0 : refused;
    }

    /** A page that was in the cache as it was wanted, and answered from there. */
    void pageInMemory() {
        reads++;
        cacheHits++;
        deltas(0);
    }

    /** Pages that were in the page cache as they were wanted. */
    public long cacheHits() {
        return published < 0 ? 0 : cacheHits;
    }

    /** Pages that were in the page cache as they had been before: only what came after was read. */
    public long cacheBases() {
        return published < 0 ? 0 : cacheBases;
    }

    public long cacheMisses() {
        return published < 0 ? 0 : cacheMisses;
    }

    /** Blocks of layers that reads asked for. */
    public long blocksRead() {
        return published < 0 ? 0 : blocksRead;
    }

    /** Of these, what was planned and turned out not to be needed. */
    public long blocksInVain() {
        return published < 0 ? 0 : blocksInVain;
    }

    /** Blocks, indexes and pages of base backups that were not what was written when they came. */
    public long damaged() {
        return published < 0 ? 0 : damaged;
    }

    /** Entries that pages were made of, all together. */
    public long deltas() {
        return published < 0 ? 0 : deltas;
    }

    /** How many pages were made of so many entries: of 0, of 1, of 2 to 3, of 4 to 7, and so on. */
    public long deltasRead(final int bucket) {
        return published < 0 ? 0 : pagesByDeltas[bucket];
    }
}
