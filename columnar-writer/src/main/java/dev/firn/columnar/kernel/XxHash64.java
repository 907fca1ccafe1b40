package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** xxHash, 64 bits, seed 0: what Parquet's bloom filters hash the plain bytes of a value with, and what dictionaries are looked up by. */
public final class XxHash64 {
    static final long P1 = 0x9E3779B185EBCA87L;
    static final long P2 = 0xC2B2AE3D27D4EB4FL;
    static final long P3 = 0x165667B19E3779F9L;
    static final long P4 = 0x85EBCA77C2B2AE63L;
    static final long P5 = 0x27D4EB2F165667C5L;
    private static final int STRIPE_BYTES = 32;

    private XxHash64() {}

    /** Of any bytes. */
    public static long hash(final MemorySegment in, final long offset, final int length) {
        long at = offset;
        final long end = offset + length;
        long hash;
        if (length >= STRIPE_BYTES) {
            // The sum of the first two primes, which overflows.
            long v1 = 0x60EA27EEADC0B5D6L;
            long v2 = P2;
            long v3 = 0;
            long v4 = -P1;
            for (; at <= end - STRIPE_BYTES; at += STRIPE_BYTES) {
                v1 = round(v1, LittleEndian.getLong(in, at));
                v2 = round(v2, LittleEndian.getLong(in, at + 8));
                v3 = round(v3, LittleEndian.getLong(in, at + 16));
                v4 = round(v4, LittleEndian.getLong(in, at + 24));
            }
            hash = Long.rotateLeft(v1, 1) + Long.rotateLeft(v2, 7) + Long.rotateLeft(v3, 12) + Long.rotateLeft(v4, 18);
            hash = merge(merge(merge(merge(hash, v1), v2), v3), v4);
        } else {
            hash = P5;
        }
        hash += length;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            hash = Long.rotateLeft(hash ^ round(0, LittleEndian.getLong(in, at)), 27) * P1 + P4;
        }
        if (at <= end - Integer.BYTES) {
            hash = Long.rotateLeft(hash ^ LittleEndian.getUnsignedInt(in, at) * P1, 23) * P2 + P3;
            at += Integer.BYTES;
        }
        for (; at < end; at++) {
            hash = Long.rotateLeft(hash ^ LittleEndian.getUnsignedByte(in, at) * P5, 11) * P1;
        }
        return avalanche(hash);
    }

    /** Of the eight bytes of a value. */
    public static long hashLong(final long value) {
        final long hash = P5 + Long.BYTES ^ round(0, value);
        return avalanche(Long.rotateLeft(hash, 27) * P1 + P4);
    }

    /** Of the four bytes of a value. */
    public static long hashInt(final int value) {
        final long hash = P5 + Integer.BYTES ^ (value & 0xFFFF_FFFFL) * P1;
        return avalanche(Long.rotateLeft(hash, 23) * P2 + P3);
    }

    /** The hashes of values of four or eight bytes, or of any other fixed number of them. */
    public static void hashAll(
            final MemorySegment in, final long offset, final int count, final int width, final MemorySegment out) {
        if (width == Long.BYTES && Simd.AVAILABLE) {
            VectorHashes.hashLongs(in, offset, count, out);
        } else {
            scalarHashAll(in, offset, 0, count, width, out);
        }
    }

    static void scalarHashAll(
            final MemorySegment in,
            final long offset,
            final int first,
            final int count,
            final int width,
            final MemorySegment out) {
        for (int i = first; i < count; i++) {
            final long at = offset + (long) i * width;
            final long hash = switch (width) {
                case Long.BYTES -> hashLong(LittleEndian.getLong(in, at));
                case Integer.BYTES -> hashInt(LittleEndian.getInt(in, at));
                default -> hash(in, at, width);
            };
            LittleEndian.putLong(out, (long) i * Long.BYTES, hash);
        }
    }

    private static long round(final long accumulator, final long input) {
        return Long.rotateLeft(accumulator + input * P2, 31) * P1;
    }

    private static long merge(final long hash, final long value) {
        return (hash ^ round(0, value)) * P1 + P4;
    }

    private static long avalanche(final long hash) {
        long mixed = (hash ^ hash >>> 33) * P2;
        mixed = (mixed ^ mixed >>> 29) * P3;
        return mixed ^ mixed >>> 32;
    }
}
