package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Differences a vector at a time: the same memory loaded twice, one value apart. No method is called on what a loop carries: see {@link Lanes}.
 */
final class VectorDeltas {
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final IntVector MOST_INT = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    private static final LongVector MOST_LONG = LongVector.broadcast(LONGS, Long.MAX_VALUE);
    private static final IntVector NO_INT_BITS = IntVector.zero(INTS);
    private static final LongVector NO_LONG_BITS = LongVector.zero(LONGS);
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorDeltas() {}

    static int ints(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int bound = INTS.loopBound(count);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        for (int i = 0; i < bound; i += INTS.length()) {
            final long at = offset + (long) i * Integer.BYTES;
            final IntVector delta = IntVector.fromMemorySegment(INTS, in, at, ORDER)
                    .sub(IntVector.fromMemorySegment(INTS, in, at - Integer.BYTES, ORDER));
            delta.intoMemorySegment(out, outOffset + (long) i * Integer.BYTES, ORDER);
            least = delta.min(least);
        }
        return ScalarDeltas.ints(
                in, offset, bound, count, out, outOffset, MOST_INT.min(least).reduceLanes(VectorOperators.MIN));
    }

    static long longs(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int bound = LONGS.loopBound(count);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        for (int i = 0; i < bound; i += LONGS.length()) {
            final long at = offset + (long) i * Long.BYTES;
            final LongVector delta = LongVector.fromMemorySegment(LONGS, in, at, ORDER)
                    .sub(LongVector.fromMemorySegment(LONGS, in, at - Long.BYTES, ORDER));
            delta.intoMemorySegment(out, outOffset + (long) i * Long.BYTES, ORDER);
            least = delta.min(least);
        }
        return ScalarDeltas.longs(
                in, offset, bound, count, out, outOffset, MOST_LONG.min(least).reduceLanes(VectorOperators.MIN));
    }

    static int lowerInts(final MemorySegment values, final long offset, final int count, final int by) {
        LittleEndian.requireNative(values);
        final int bound = INTS.loopBound(count);
        IntVector bits = IntVector.zero(INTS);
        for (int i = 0; i < bound; i += INTS.length()) {
            final long at = offset + (long) i * Integer.BYTES;
            final IntVector lowered =
                    IntVector.fromMemorySegment(INTS, values, at, ORDER).sub(by);
            lowered.intoMemorySegment(values, at, ORDER);
            bits = lowered.or(bits);
        }
        return NO_INT_BITS.or(bits).reduceLanes(VectorOperators.OR)
                | ScalarDeltas.lowerInts(values, offset, bound, count, by);
    }

    static long lowerLongs(final MemorySegment values, final long offset, final int count, final long by) {
        LittleEndian.requireNative(values);
        final int bound = LONGS.loopBound(count);
        LongVector bits = LongVector.zero(LONGS);
        for (int i = 0; i < bound; i += LONGS.length()) {
            final long at = offset + (long) i * Long.BYTES;
            final LongVector lowered =
                    LongVector.fromMemorySegment(LONGS, values, at, ORDER).sub(by);
            lowered.intoMemorySegment(values, at, ORDER);
            bits = lowered.or(bits);
        }
        return NO_LONG_BITS.or(bits).reduceLanes(VectorOperators.OR)
                | ScalarDeltas.lowerLongs(values, offset, bound, count, by);
    }
}
