package dev.firn.server.pages;

import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.CacheConfig;
import dev.firn.nvmecache.ObjectId;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.upkeep.UpkeepConfig;

/**
 * How large a page server is: everything that its memory limit has to hold.
 *
 * @param memoryBytes off the heap: address space, of which only what is used is taken.
 * @param cacheBytes how large the block cache on the local disk may be; 0 for none. Its map is in the memory.
 */
public record PageServerSizes(long memoryBytes, long cacheBytes, ShardConfig shard, UpkeepConfig upkeep) {
    private static final long MIB = 1 << 20;

    /** A base backup is imported, the catalogue and the archive are read, layers are merged. */
    private static final long OTHER_BYTES = 512 * MIB;

    /** How much of the memory the page cache is, in parts of 8. */
    private static final int CACHE_EIGHTHS = 3;

    private static final int PAGE_BYTES = 8_192;
    private static final ObjectId NO_CLUSTER = new ObjectId(0, 0);

    /** A memory table, those that are being made into layers, and room to sort one. */
    private static final int TABLES = 5;

    /** As large as the memory allows; {@code least} is about what a timeline needs. */
    public static PageServerSizes of(final long memoryBytes, final long cacheBytes) {
        final long ofCache = cacheMemoryBytes(cacheBytes);
        final long room = memoryBytes - OTHER_BYTES - ofCache;
        if (room < OTHER_BYTES) {
            throw new IllegalArgumentException("a page server with a block cache of " + cacheBytes / MIB + " MiB needs "
                    + (2 * OTHER_BYTES + ofCache) / MIB + " MiB of memory at least, not " + memoryBytes / MIB);
        }
        final long table = Math.clamp(room / 8 * 3 / TABLES, 8 * MIB, MemoryTableConfig.DEFAULT_BYTES);
        final ShardConfig usual = ShardConfig.DEFAULT;
        return new PageServerSizes(
                memoryBytes,
                cacheBytes,
                new ShardConfig(
                        usual.reads(),
                        (int) Math.min(1 << 28, room / 8 * CACHE_EIGHTHS / PAGE_BYTES),
                        room / 8,
                        usual.indexLoads(),
                        new MemoryTableConfig(table),
                        usual.frozenTables(),
                        usual.tableAgeNs(),
                        usual.maxDeltas(),
                        usual.imageReads(),
                        usual.debtBytes()),
                UpkeepConfig.DEFAULT);
    }

    /** The map of a cache of that size, and its buffers. */
    private static long cacheMemoryBytes(final long cacheBytes) {
        return cacheBytes < CacheRoom.LEAST_BYTES
                ? 0
                : BlockCache.memoryBytes(CacheConfig.of(LayerCache.FILE, NO_CLUSTER, cacheBytes));
    }
}
