package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Ranges a vector at a time. No method is called on what a loop carries: see {@link Lanes}. */
final class VectorRanges {
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;
    private static final IntVector MOST_INT = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    private static final IntVector LEAST_INT = IntVector.broadcast(INTS, Integer.MIN_VALUE);
    private static final LongVector MOST_LONG = LongVector.broadcast(LONGS, Long.MAX_VALUE);
    private static final LongVector LEAST_LONG = LongVector.broadcast(LONGS, Long.MIN_VALUE);
    private static final FloatVector MOST_FLOAT = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
    private static final FloatVector LEAST_FLOAT = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    private static final DoubleVector MOST_DOUBLE = DoubleVector.broadcast(DOUBLES, Double.POSITIVE_INFINITY);
    private static final DoubleVector LEAST_DOUBLE = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorRanges() {}

    static int leastInt(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = INTS.loopBound(count);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        for (int i = 0; i < bound; i += INTS.length()) {
            final IntVector values = IntVector.fromMemorySegment(INTS, in, offset + (long) i * Integer.BYTES, ORDER);
            least = values.min(least);
        }
        return ScalarRanges.leastInt(
                in, offset, bound, count, MOST_INT.min(least).reduceLanes(VectorOperators.MIN));
    }

    static int greatestInt(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = INTS.loopBound(count);
        IntVector greatest = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        for (int i = 0; i < bound; i += INTS.length()) {
            final IntVector values = IntVector.fromMemorySegment(INTS, in, offset + (long) i * Integer.BYTES, ORDER);
            greatest = values.max(greatest);
        }
        return ScalarRanges.greatestInt(
                in, offset, bound, count, LEAST_INT.max(greatest).reduceLanes(VectorOperators.MAX));
    }

    static long leastLong(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = LONGS.loopBound(count);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        for (int i = 0; i < bound; i += LONGS.length()) {
            final LongVector values = LongVector.fromMemorySegment(LONGS, in, offset + (long) i * Long.BYTES, ORDER);
            least = values.min(least);
        }
        return ScalarRanges.leastLong(
                in, offset, bound, count, MOST_LONG.min(least).reduceLanes(VectorOperators.MIN));
    }

    static long greatestLong(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = LONGS.loopBound(count);
        LongVector greatest = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        for (int i = 0; i < bound; i += LONGS.length()) {
            final LongVector values = LongVector.fromMemorySegment(LONGS, in, offset + (long) i * Long.BYTES, ORDER);
            greatest = values.max(greatest);
        }
        return ScalarRanges.greatestLong(
                in, offset, bound, count, LEAST_LONG.max(greatest).reduceLanes(VectorOperators.MAX));
    }

    static float leastFloat(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = FLOATS.loopBound(count);
        FloatVector least = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
        for (int i = 0; i < bound; i += FLOATS.length()) {
            final FloatVector values =
                    FloatVector.fromMemorySegment(FLOATS, in, offset + (long) i * Float.BYTES, ORDER);
            least = values.lanewise(VectorOperators.MIN, least).blend(least, values.test(VectorOperators.IS_NAN));
        }
        return ScalarRanges.leastFloat(
                in, offset, bound, count, MOST_FLOAT.min(least).reduceLanes(VectorOperators.MIN));
    }

    static float greatestFloat(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = FLOATS.loopBound(count);
        FloatVector greatest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += FLOATS.length()) {
            final FloatVector values =
                    FloatVector.fromMemorySegment(FLOATS, in, offset + (long) i * Float.BYTES, ORDER);
            greatest =
                    values.lanewise(VectorOperators.MAX, greatest).blend(greatest, values.test(VectorOperators.IS_NAN));
        }
        return ScalarRanges.greatestFloat(
                in, offset, bound, count, LEAST_FLOAT.max(greatest).reduceLanes(VectorOperators.MAX));
    }

    static double leastDouble(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = DOUBLES.loopBound(count);
        DoubleVector least = DoubleVector.broadcast(DOUBLES, Double.POSITIVE_INFINITY);
        for (int i = 0; i < bound; i += DOUBLES.length()) {
            final DoubleVector values =
                    DoubleVector.fromMemorySegment(DOUBLES, in, offset + (long) i * Double.BYTES, ORDER);
            least = values.lanewise(VectorOperators.MIN, least).blend(least, values.test(VectorOperators.IS_NAN));
        }
        return ScalarRanges.leastDouble(
                in, offset, bound, count, MOST_DOUBLE.min(least).reduceLanes(VectorOperators.MIN));
    }

    static double greatestDouble(final MemorySegment in, final long offset, final int count) {
        LittleEndian.requireNative(in);
        final int bound = DOUBLES.loopBound(count);
        DoubleVector greatest = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < bound; i += DOUBLES.length()) {
            final DoubleVector values =
                    DoubleVector.fromMemorySegment(DOUBLES, in, offset + (long) i * Double.BYTES, ORDER);
            greatest =
                    values.lanewise(VectorOperators.MAX, greatest).blend(greatest, values.test(VectorOperators.IS_NAN));
        }
        return ScalarRanges.greatestDouble(
                in, offset, bound, count, LEAST_DOUBLE.max(greatest).reduceLanes(VectorOperators.MAX));
    }
}
