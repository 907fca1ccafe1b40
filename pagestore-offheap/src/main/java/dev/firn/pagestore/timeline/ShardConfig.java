package dev.firn.pagestore.timeline;

import dev.firn.pagestore.memory.MemoryTableConfig;

/**
 * What a shard may hold, and when it does what.
 *
 * @param reads most reads begun and not answered; each has a page of memory.
 * @param cachePages most pages in the page cache.
 * @param indexBytes most memory that the indexes of layers take.
 * @param indexLoads most indexes that are loaded at once.
 * @param table of each memory table.
 * @param frozenTables most memory tables of a timeline that wait to become layers; ingest waits when there are so many.
 * @param tableAgeNs a memory table with entries is frozen when it is this old, so that the WAL before it can go.
 * @param maxDeltas a key that has more entries than this in a memory table since one that stands alone gets an image.
 * @param imageReads most such images that are being made at once.
 * @param debtBytes layers not merged; beyond, ingest is slowed in proportion, and stopped at twice as much.
 */
public record ShardConfig(
        int reads,
        int cachePages,
        long indexBytes,
        int indexLoads,
        MemoryTableConfig table,
        int frozenTables,
        long tableAgeNs,
        int maxDeltas,
        int imageReads,
        long debtBytes) {
    public static final ShardConfig DEFAULT = new ShardConfig(
            1_024, 32_768, 512L << 20, 64, MemoryTableConfig.defaults(), 3, 300_000_000_000L, 128, 32, 4L << 30);

    public ShardConfig {
        requireWithin("reads", reads, 1, 1 << 16);
        requireWithin("cachePages", cachePages, 1, 1 << 28);
        requireWithin("indexBytes", indexBytes, 1 << 10, 1L << 40);
        requireWithin("indexLoads", indexLoads, 1, 1 << 12);
        requireWithin("frozenTables", frozenTables, 1, 64);
        requireWithin("tableAgeNs", tableAgeNs, 1, Long.MAX_VALUE);
        requireWithin("maxDeltas", maxDeltas, 1, 1 << 16);
        requireWithin("imageReads", imageReads, 0, reads);
        requireWithin("debtBytes", debtBytes, 1, Long.MAX_VALUE / 2);
    }

    private static void requireWithin(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the shard's " + name + " is not within " + least + ".." + most + ": " + value);
        }
    }
}
