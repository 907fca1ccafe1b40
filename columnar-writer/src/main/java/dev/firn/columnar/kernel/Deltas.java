package dev.firn.columnar.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Differences of neighbours, for DELTA_BINARY_PACKED: they wrap round in the width of the type, as the format wants. First the differences and the
 * least of them, then what they lie above it, with the bits that any of these has.
 */
public final class Deltas {
    private Deltas() {}

    /**
     * Writes {@code in[i] - in[i - 1]} for {@code count} values from {@code offset} on; the value before the first is read too.
     *
     * @return the least difference; {@link Integer#MAX_VALUE} for none.
     */
    public static int ints(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        check(in, offset, count, out, outOffset, Integer.BYTES);
        return Simd.AVAILABLE
                ? VectorDeltas.ints(in, offset, count, out, outOffset)
                : ScalarDeltas.ints(in, offset, count, out, outOffset);
    }

    /** As {@link #ints}, of 64-bit values. */
    public static long longs(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        check(in, offset, count, out, outOffset, Long.BYTES);
        return Simd.AVAILABLE
                ? VectorDeltas.longs(in, offset, count, out, outOffset)
                : ScalarDeltas.longs(in, offset, count, out, outOffset);
    }

    /**
     * Subtracts a number from each, in place.
     *
     * @return the bits that are set in any of the results.
     */
    public static int lowerInts(final MemorySegment values, final long offset, final int count, final int by) {
        Objects.checkFromIndexSize(offset, (long) count * Integer.BYTES, values.byteSize());
        return Simd.AVAILABLE
                ? VectorDeltas.lowerInts(values, offset, count, by)
                : ScalarDeltas.lowerInts(values, offset, count, by);
    }

    /** As {@link #lowerInts}, of 64-bit values. */
    public static long lowerLongs(final MemorySegment values, final long offset, final int count, final long by) {
        Objects.checkFromIndexSize(offset, (long) count * Long.BYTES, values.byteSize());
        return Simd.AVAILABLE
                ? VectorDeltas.lowerLongs(values, offset, count, by)
                : ScalarDeltas.lowerLongs(values, offset, count, by);
    }

    private static void check(
            final MemorySegment in,
            final long offset,
            final int count,
            final MemorySegment out,
            final long outOffset,
            final int bytes) {
        Objects.checkFromIndexSize(offset - bytes, (long) (count + 1) * bytes, in.byteSize());
        Objects.checkFromIndexSize(outOffset, (long) count * bytes, out.byteSize());
    }
}
