package dev.firn.pagestore.layer;

import dev.firn.s3tier.store.GetOutcome;
import java.lang.foreign.MemorySegment;

/** Reads ranges of a timeline's layers: from the store, or through a cache. Belongs to one thread, and is moved by whoever stands behind it. */
public interface LayerReads {
    /** Hears what became of a read. */
    @FunctionalInterface
    interface Handler {
        /** @param failure null when all bytes are there. */
        void onRead(GetOutcome failure);
    }

    /**
     * Begins to read; answered once, later.
     *
     * @param into borrowed until the answer; its size is the range's.
     * @return false, without effect, when there is no room now: ask again.
     */
    boolean read(LayerDescription layer, long offset, MemorySegment into, Handler handler);
}
