package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Ranges value by value: the twin of {@link VectorRanges}. */
final class ScalarRanges {
    private ScalarRanges() {}

    static int leastInt(final MemorySegment in, final long offset, final int first, final int count, final int start) {
        int least = start;
        for (int i = first; i < count; i++) {
            final int value = LittleEndian.getInt(in, offset + (long) i * Integer.BYTES);
            least = Math.min(least, value);
        }
        return least;
    }

    static int greatestInt(
            final MemorySegment in, final long offset, final int first, final int count, final int start) {
        int greatest = start;
        for (int i = first; i < count; i++) {
            final int value = LittleEndian.getInt(in, offset + (long) i * Integer.BYTES);
            greatest = Math.max(greatest, value);
        }
        return greatest;
    }

    static long leastLong(
            final MemorySegment in, final long offset, final int first, final int count, final long start) {
        long least = start;
        for (int i = first; i < count; i++) {
            final long value = LittleEndian.getLong(in, offset + (long) i * Long.BYTES);
            least = Math.min(least, value);
        }
        return least;
    }

    static long greatestLong(
            final MemorySegment in, final long offset, final int first, final int count, final long start) {
        long greatest = start;
        for (int i = first; i < count; i++) {
            final long value = LittleEndian.getLong(in, offset + (long) i * Long.BYTES);
            greatest = Math.max(greatest, value);
        }
        return greatest;
    }

    static float leastFloat(
            final MemorySegment in, final long offset, final int first, final int count, final float start) {
        float least = start;
        for (int i = first; i < count; i++) {
            final float value = Float.intBitsToFloat(LittleEndian.getInt(in, offset + (long) i * Float.BYTES));
            if (!Double.isNaN(value)) {
                least = Math.min(least, value);
            }
        }
        return least;
    }

    static float greatestFloat(
            final MemorySegment in, final long offset, final int first, final int count, final float start) {
        float greatest = start;
        for (int i = first; i < count; i++) {
            final float value = Float.intBitsToFloat(LittleEndian.getInt(in, offset + (long) i * Float.BYTES));
            if (!Double.isNaN(value)) {
                greatest = Math.max(greatest, value);
            }
        }
        return greatest;
    }

    static double leastDouble(
            final MemorySegment in, final long offset, final int first, final int count, final double start) {
        double least = start;
        for (int i = first; i < count; i++) {
            final double value = Double.longBitsToDouble(LittleEndian.getLong(in, offset + (long) i * Double.BYTES));
            if (!Double.isNaN(value)) {
                least = Math.min(least, value);
            }
        }
        return least;
    }

    static double greatestDouble(
            final MemorySegment in, final long offset, final int first, final int count, final double start) {
        double greatest = start;
        for (int i = first; i < count; i++) {
            final double value = Double.longBitsToDouble(LittleEndian.getLong(in, offset + (long) i * Double.BYTES));
            if (!Double.isNaN(value)) {
                greatest = Math.max(greatest, value);
            }
        }
        return greatest;
    }
}
