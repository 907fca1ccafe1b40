package dev.firn.columnar.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** BYTE_STREAM_SPLIT: all first bytes of the values, then all second ones, and so on. */
public final class ByteStreams {
    private ByteStreams() {}

    /** @param width bytes a value. The result is as long as the input. */
    public static void split(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        Objects.checkFromIndexSize(offset, (long) count * width, in.byteSize());
        Objects.checkFromIndexSize(outOffset, (long) count * width, out.byteSize());
        if (Simd.AVAILABLE && width == Long.BYTES) {
            VectorByteStreams.splitLongs(in, offset, count, out, outOffset);
        } else if (Simd.AVAILABLE && width == Integer.BYTES) {
            VectorByteStreams.splitInts(in, offset, count, out, outOffset);
        } else {
            ScalarByteStreams.split(in, offset, 0, count, width, out, outOffset);
        }
    }
}
