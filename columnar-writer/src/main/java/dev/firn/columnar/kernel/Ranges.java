package dev.firn.columnar.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The least and the greatest of numbers. For floating-point numbers NaN does not count, and −0 is less than +0, so that no value lies outside of the
 * range in any reader's order.
 */
public final class Ranges {
    private Ranges() {}

    /** Of none: {@link Integer#MAX_VALUE}. */
    public static int leastInt(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Integer.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.leastInt(in, offset, count)
                : ScalarRanges.leastInt(in, offset, 0, count, Integer.MAX_VALUE);
    }

    /** Of none: {@link Integer#MIN_VALUE}. */
    public static int greatestInt(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Integer.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.greatestInt(in, offset, count)
                : ScalarRanges.greatestInt(in, offset, 0, count, Integer.MIN_VALUE);
    }

    /** Of none: {@link Long#MAX_VALUE}. */
    public static long leastLong(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Long.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.leastLong(in, offset, count)
                : ScalarRanges.leastLong(in, offset, 0, count, Long.MAX_VALUE);
    }

    /** Of none: {@link Long#MIN_VALUE}. */
    public static long greatestLong(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Long.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.greatestLong(in, offset, count)
                : ScalarRanges.greatestLong(in, offset, 0, count, Long.MIN_VALUE);
    }

    /** Of none, or of NaN alone: positive infinity, which {@link #greatestDouble} tells from a real one. */
    public static double leastDouble(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Double.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.leastDouble(in, offset, count)
                : ScalarRanges.leastDouble(in, offset, 0, count, Double.POSITIVE_INFINITY);
    }

    /** Of none, or of NaN alone: negative infinity, less than {@link #leastDouble}. */
    public static double greatestDouble(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Double.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.greatestDouble(in, offset, count)
                : ScalarRanges.greatestDouble(in, offset, 0, count, Double.NEGATIVE_INFINITY);
    }

    /** As {@link #leastDouble}. */
    public static float leastFloat(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Float.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.leastFloat(in, offset, count)
                : ScalarRanges.leastFloat(in, offset, 0, count, Float.POSITIVE_INFINITY);
    }

    /** As {@link #greatestDouble}. */
    public static float greatestFloat(final MemorySegment in, final long offset, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Float.BYTES, in.byteSize());
        return Simd.AVAILABLE
                ? VectorRanges.greatestFloat(in, offset, count)
                : ScalarRanges.greatestFloat(in, offset, 0, count, Float.NEGATIVE_INFINITY);
    }
}
