package dev.firn.pagestore.timeline;

import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.nvmecache.reader.CachedReader;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import java.lang.foreign.MemorySegment;

/**
 * How a shard gets the bytes of immutable objects, which layers and base backups are: through the block cache ({@link #cached}), or from the store
 * alone ({@link StoreReads}). Belongs to the shard's thread; the shard polls it.
 */
public interface ObjectReads {
    /**
     * Begins to read a range of an object; false, without effect, when a limit is reached. Nothing need be sent before the next poll, so that reads
     * that are begun together go out together.
     *
     * @param into whose beginning is written to; it may be longer.
     * @param lengthBytes of the range.
     * @param handler called once, in a poll.
     */
    boolean read(
            CachedObject object,
            long offset,
            MemorySegment into,
            long lengthBytes,
            ObjectReadHandler handler,
            long token);

    /** What was read of a range turned out not to be what was written: it does not come from a cache the next time. */
    default void forget(final CachedObject object, final long offset, final long lengthBytes) {}

    /** Moves reads on, and answers up to {@code limit}; returns how much was done. */
    int poll(int limit);

    /** The most bytes that one read may ask for. */
    int maxReadBytes();

    /** Through the block cache. The reader is borrowed. */
    static ObjectReads cached(final CachedReader reader) {
        return new ObjectReads() {
            @Override
            public boolean read(
                    final CachedObject object,
                    final long offset,
                    final MemorySegment into,
                    final long lengthBytes,
                    final ObjectReadHandler handler,
                    final long token) {
                return reader.read(object, offset, into, lengthBytes, handler, token);
            }

            @Override
            public void forget(final CachedObject object, final long offset, final long lengthBytes) {
                reader.forget(object, offset, lengthBytes);
            }

            @Override
            public int poll(final int limit) {
                return reader.poll(limit);
            }

            @Override
            public int maxReadBytes() {
                return reader.maxReadBytes();
            }
        };
    }
}
