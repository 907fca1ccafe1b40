package dev.firn.columnar.parquet;

import java.lang.foreign.MemorySegment;

/** Where a file's bytes go, in order. */
@FunctionalInterface
public interface ParquetSink {
    /**
     * Takes bytes, or some of them, or none: that is back-pressure, and the same bytes are offered again later.
     *
     * @param bytes borrowed for the call.
     * @return how many were taken.
     */
    long offer(MemorySegment bytes, long offset, long length);
}
