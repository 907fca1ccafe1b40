package dev.firn.s3tier.contract;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Bytes that depend on a seed and on their place in the object only, so that any range can be made and checked alone. */
public final class Bytes {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    /** Fills a segment with the object's bytes from {@code offset} on. */
    public static void fill(final MemorySegment into, final long seed, final long offset) {
        final long count = into.byteSize();
        long at = 0;
        while (at < count) {
            final long place = offset + at;
            if ((place & 7) == 0 && count - at >= Long.BYTES) {
                into.set(WORD, at, word(seed, place >>> 3));
                at += Long.BYTES;
            } else {
                into.set(ValueLayout.JAVA_BYTE, at, byteAt(seed, place));
                at++;
            }
        }
    }

    public static byte[] of(final long seed, final int count) {
        final byte[] bytes = new byte[count];
        fill(MemorySegment.ofArray(bytes), seed, 0);
        return bytes;
    }

    /** Where the first byte stands that is not the object's, or -1. */
    public static long mismatch(final MemorySegment found, final long seed, final long offset, final long count) {
        long at = 0;
        while (at < count) {
            final long place = offset + at;
            if ((place & 7) == 0 && count - at >= Long.BYTES && found.get(WORD, at) == word(seed, place >>> 3)) {
                at += Long.BYTES;
            } else if (found.get(ValueLayout.JAVA_BYTE, at) == byteAt(seed, place)) {
                at++;
            } else {
                return at;
            }
        }
        return -1;
    }

    private static byte byteAt(final long seed, final long place) {
        return (byte) (word(seed, place >>> 3) >>> ((place & 7) * Byte.SIZE));
    }

    /** The finaliser of splitmix64. */
    private static long word(final long seed, final long index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
