package dev.firn.pagestore.layer;

import java.lang.foreign.MemorySegment;

/** Takes a layer's bytes, from the first on. */
public interface LayerSink {
    /** What {@link #write} returns when the layer can't be written any more. */
    long FAILED = -1;

    /**
     * Takes the next bytes: copies them, so that {@code bytes} is free when it returns.
     *
     * @return how many were taken, from the first on: fewer than given is back-pressure; {@link #FAILED} when it is in vain.
     */
    long write(MemorySegment bytes);
}
