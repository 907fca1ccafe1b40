package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;

/**
 * The cache without its device: the very index, queues, ghosts and tenants that {@link BlockCache} runs, over a trace of
 * accesses. What comes out is the hit rate that the policy would have.
 */
public final class ReplacementTrace implements AutoCloseable {
    private final BlockDirectory directory;

    /**
     * @param slots how many blocks fit; of these, as in the cache, a sixteenth (4,096 at most) is kept free.
     */
    public ReplacementTrace(final int slots, final TenantShares tenants, final OffHeapMemory memory) {
        final SlotTable table = new SlotTable(slots, 1, 1, new ObjectId(0, 0), memory);
        this.directory = new BlockDirectory(table, tenants, new CacheCounters(), memory);
        for (int slot = 0; slot < slots; slot++) {
            directory.addFree(slot);
        }
    }

    /** How much memory it takes; allow 2 MiB for each of ten allocations. */
    public static long memoryBytes(final int slots) {
        return BlockDirectory.memoryBytes(slots);
    }

    /** A block is asked for; when it was not there, it is now. Returns whether it was there. Allocates nothing. */
    public boolean access(final long objectHigh, final long objectLow, final int block, final int tenant) {
        final long hash = BlockKey.hash(objectHigh, objectLow, block);
        final int slot = directory.find(hash, objectHigh, objectLow, block);
        if (slot != BlockIndex.ABSENT) {
            directory.touch(slot);
            return true;
        }
        final int reserved = directory.reserveFor(hash, objectHigh, objectLow, block, 1, tenant, true);
        if (reserved >= 0) {
            directory.slots().phase(reserved, SlotTable.DURABLE);
        }
        return false;
    }

    /** As {@link BlockCache#contains}: one cache line of the index, by hash. */
    public boolean contains(final long objectHigh, final long objectLow, final int block) {
        return directory.candidate(BlockKey.hash(objectHigh, objectLow, block)) != BlockIndex.ABSENT;
    }

    /** As a read or an insert finds it: confirmed by the identity in the slot's own line, where the checksums are as well. */
    public boolean holds(final long objectHigh, final long objectLow, final int block) {
        final long hash = BlockKey.hash(objectHigh, objectLow, block);
        return directory.find(hash, objectHigh, objectLow, block) != BlockIndex.ABSENT;
    }

    /** Blocks of a tenant that are there. */
    public int held(final int tenant) {
        return directory.held(tenant);
    }

    /** Blocks that are there. */
    public int blocks() {
        return directory.blocks();
    }

    @Override
    public void close() {
        directory.free();
    }
}
