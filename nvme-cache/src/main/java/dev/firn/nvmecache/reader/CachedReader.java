package dev.firn.nvmecache.reader;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.BlockCache;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;

/** Reads ranges of immutable objects: from the cache what is there, from the store what is not. */
public final class CachedReader implements AutoCloseable {
    public CachedReader(
            final BlockCache cache, final StoreSession session, final ReaderLimits limits, final OffHeapMemory memory) {
        throw new UnsupportedOperationException("under construction");
    }

    /**
     * Begins to read a range. Answered once, in a later {@link #poll}.
     *
     * @param into native memory, borrowed until the handler is called; its size is the range's length.
     * @return false, without effect, when a limit is reached: poll, then ask again.
     * @throws IndexOutOfBoundsException when the range is not within the object.
     */
    public boolean read(final CachedObject object, final long offset, final MemorySegment into, final long token) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Fetches what of a range is not in the cache, neighbours together. A hint: what limits do not allow is left out. */
    public void prefetch(final CachedObject object, final long offset, final long lengthBytes) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Moves reads, fetches, cache and session on; answers up to {@code limit} reads. Returns how much was done. */
    public int poll(final ObjectReadHandler handler, final int limit) {
        throw new UnsupportedOperationException("under construction");
    }

    /** Gives buffers back. Cache and session belong to the caller; no read may be in flight. */
    @Override
    public void close() {}
}
