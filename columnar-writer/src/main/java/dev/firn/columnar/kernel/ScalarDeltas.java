package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Differences one by one: the twin of {@link VectorDeltas}. */
final class ScalarDeltas {
    private ScalarDeltas() {}

    static int ints(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        return ints(in, offset, 0, count, out, outOffset, Integer.MAX_VALUE);
    }

    static int ints(
            final MemorySegment in,
            final long offset,
            final int first,
            final int count,
            final MemorySegment out,
            final long outOffset,
            final int start) {
        int least = start;
        for (int i = first; i < count; i++) {
            final long at = offset + (long) i * Integer.BYTES;
            final int delta = LittleEndian.getInt(in, at) - LittleEndian.getInt(in, at - Integer.BYTES);
            LittleEndian.putInt(out, outOffset + (long) i * Integer.BYTES, delta);
            least = Math.min(least, delta);
        }
        return least;
    }

    static long longs(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        return longs(in, offset, 0, count, out, outOffset, Long.MAX_VALUE);
    }

    static long longs(
            final MemorySegment in,
            final long offset,
            final int first,
            final int count,
            final MemorySegment out,
            final long outOffset,
            final long start) {
        long least = start;
        for (int i = first; i < count; i++) {
            final long at = offset + (long) i * Long.BYTES;
            final long delta = LittleEndian.getLong(in, at) - LittleEndian.getLong(in, at - Long.BYTES);
            LittleEndian.putLong(out, outOffset + (long) i * Long.BYTES, delta);
            least = Math.min(least, delta);
        }
        return least;
    }

    static int lowerInts(final MemorySegment values, final long offset, final int count, final int by) {
        return lowerInts(values, offset, 0, count, by);
    }

    static int lowerInts(
            final MemorySegment values, final long offset, final int first, final int count, final int by) {
        int bits = 0;
        for (int i = first; i < count; i++) {
            final long at = offset + (long) i * Integer.BYTES;
            final int lowered = LittleEndian.getInt(values, at) - by;
            LittleEndian.putInt(values, at, lowered);
            bits |= lowered;
        }
        return bits;
    }

    static long lowerLongs(final MemorySegment values, final long offset, final int count, final long by) {
        return lowerLongs(values, offset, 0, count, by);
    }

    static long lowerLongs(
            final MemorySegment values, final long offset, final int first, final int count, final long by) {
        long bits = 0;
        for (int i = first; i < count; i++) {
            final long at = offset + (long) i * Long.BYTES;
            final long lowered = LittleEndian.getLong(values, at) - by;
            LittleEndian.putLong(values, at, lowered);
            bits |= lowered;
        }
        return bits;
    }
}
