package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Bit packing through one 64-bit accumulator: the twin of {@link VectorBitPacking}. */
final class ScalarBitPacking {
    private ScalarBitPacking() {}

    static void packInts(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        final long mask = (1L << width) - 1;
        long bits = 0;
        int filled = 0;
        long at = outOffset;
        for (int i = 0; i < count; i++) {
            final long value = LittleEndian.getInt(in, offset + (long) i * Integer.BYTES) & mask;
            bits |= value << filled;
            filled += width;
            if (filled >= Long.SIZE) {
                LittleEndian.putLong(out, at, bits);
                at += Long.BYTES;
                filled -= Long.SIZE;
                bits = filled == 0 ? 0 : value >>> (width - filled);
            }
        }
        tail(bits, filled, out, at);
    }

    static void packLongs(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        if (width == Long.SIZE) {
            MemorySegment.copy(in, offset, out, outOffset, (long) count * Long.BYTES);
            return;
        }
        final long mask = (1L << width) - 1;
        long bits = 0;
        int filled = 0;
        long at = outOffset;
        for (int i = 0; i < count; i++) {
            final long value = LittleEndian.getLong(in, offset + (long) i * Long.BYTES) & mask;
            bits |= value << filled;
            filled += width;
            if (filled >= Long.SIZE) {
                LittleEndian.putLong(out, at, bits);
                at += Long.BYTES;
                filled -= Long.SIZE;
                bits = filled == 0 ? 0 : value >>> (width - filled);
            }
        }
        tail(bits, filled, out, at);
    }

    /** Whole groups end on a byte. */
    private static void tail(final long bits, final int filled, final MemorySegment out, final long at) {
        for (int bit = 0; bit < filled; bit += Byte.SIZE) {
            LittleEndian.putByte(out, at + bit / Byte.SIZE, (int) (bits >>> bit));
        }
    }
}
