package dev.firn.bench.cache;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.ReplacementTrace;
import dev.firn.nvmecache.TenantShares;

/**
 * The block cache's own rule: the classes that the cache itself runs, without its device. Of its room it keeps some free, as the cache
 * does; its rivals use all of theirs.
 */
final class FirnReplacement implements Replacement {
    /** The traces' blocks are of one object, of one tenant. */
    private static final long OBJECT = 0x6669726E;

    private static final int TENANT = 0;

    /** What its few allocations are rounded up by. */
    private static final long ALLOCATIONS_BYTES = 32L << 20;

    private final OffHeapMemory memory;
    private final ReplacementTrace cache;

    FirnReplacement(final int capacity) {
        memory = memoryFor(capacity);
        cache = new ReplacementTrace(capacity, TenantShares.NONE, memory);
    }

    /** As much as a cache of so many slots takes. */
    static OffHeapMemory memoryFor(final int slots) {
        return OffHeapMemory.open(
                OffHeapConfig.of("bench-cache", ReplacementTrace.memoryBytes(slots) + ALLOCATIONS_BYTES));
    }

    @Override
    public String name() {
        return "Firn";
    }

    @Override
    public boolean touch(final long block) {
        return cache.access(OBJECT, OBJECT, Math.toIntExact(block), TENANT);
    }

    @Override
    public void close() {
        cache.close();
        memory.close();
    }
}
