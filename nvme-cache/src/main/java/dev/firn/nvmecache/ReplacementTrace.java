package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;

/**
 * The cache without its device: the very index, queues, ghosts and tenants that {@link BlockCache} runs, over a trace of
 * accesses. What comes out is the hit rate that the policy would have.
 */
public final class ReplacementTrace implements AutoCloseable {
    /**
     * @param slots how many blocks fit.
     */
    public ReplacementTrace(final int slots, final TenantShares tenants, final OffHeapMemory memory) {
        throw new UnsupportedOperationException("under construction");
    }

    /** A block is asked for; when it was not there, it is now. Returns whether it was there. */
    public boolean access(final long objectHigh, final long objectLow, final int block, final int tenant) {
        throw new UnsupportedOperationException("under construction");
    }

    @Override
    public void close() {}
}
