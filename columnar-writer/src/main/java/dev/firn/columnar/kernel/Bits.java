package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Bitmaps as Arrow has them: bit {@code i} is bit {@code i % 8} of byte {@code i / 8}. */
public final class Bits {
    private static final int BYTE_SHIFT = 3;
    private static final int BIT_MASK = 7;

    private Bits() {}

    public static boolean get(final MemorySegment bitmap, final long bit) {
        return (LittleEndian.getUnsignedByte(bitmap, bit >>> BYTE_SHIFT) >>> (bit & BIT_MASK) & 1) != 0;
    }

    public static void set(final MemorySegment bitmap, final long bit) {
        final long at = bit >>> BYTE_SHIFT;
        LittleEndian.putByte(bitmap, at, LittleEndian.getUnsignedByte(bitmap, at) | 1 << (bit & BIT_MASK));
    }

    public static void clear(final MemorySegment bitmap, final long bit) {
        final long at = bit >>> BYTE_SHIFT;
        LittleEndian.putByte(bitmap, at, LittleEndian.getUnsignedByte(bitmap, at) & ~(1 << (bit & BIT_MASK)));
    }

    /** Up to 64 bits from any bit on; those above are zero. Reads no byte that has none of them. */
    public static long word(final MemorySegment bitmap, final long first, final int count) {
        final long at = first >>> BYTE_SHIFT;
        final int shift = (int) (first & BIT_MASK);
        final int bytes = (shift + count + BIT_MASK) >>> BYTE_SHIFT;
        long word;
        if (bytes == Long.BYTES) {
            word = LittleEndian.getLong(bitmap, at) >>> shift;
        } else if (bytes > Long.BYTES) {
            word = LittleEndian.getLong(bitmap, at) >>> shift
                    | (long) LittleEndian.getUnsignedByte(bitmap, at + Long.BYTES) << (Long.SIZE - shift);
        } else {
            word = 0;
            for (int i = 0; i < bytes; i++) {
                word |= (long) LittleEndian.getUnsignedByte(bitmap, at + i) << (i * Byte.SIZE);
            }
            word >>>= shift;
        }
        return count == Long.SIZE ? word : word & (1L << count) - 1;
    }
}
