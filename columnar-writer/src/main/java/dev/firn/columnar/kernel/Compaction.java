package dev.firn.columnar.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Takes the values out that a validity bitmap (Arrow's: one bit a slot, the least significant first) calls null. */
public final class Compaction {
    /** Bytes past the last value that the kernels may write. */
    public static final int SLACK_BYTES = 64;

    private Compaction() {}

    /** How many of the slots are valid. */
    public static int countValid(final MemorySegment validity, final long first, final int count) {
        int valid = 0;
        int i = 0;
        for (; i + Long.SIZE <= count; i += Long.SIZE) {
            valid += Long.bitCount(Bits.word(validity, first + i, Long.SIZE));
        }
        return i == count ? valid : valid + Long.bitCount(Bits.word(validity, first + i, count - i));
    }

    /**
     * Copies the valid values of a width close together.
     *
     * @param first the bit of the first slot.
     * @param width bytes a value.
     * @param out has room for {@code count} values and {@link #SLACK_BYTES}.
     * @return how many values there are.
     */
    public static int values(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        Objects.checkFromIndexSize(offset, (long) count * width, in.byteSize());
        Objects.checkFromIndexSize(outOffset, (long) count * width + SLACK_BYTES, out.byteSize());
        if (Simd.AVAILABLE && width == Long.BYTES) {
            return VectorCompaction.longs(validity, first, in, offset, count, out, outOffset);
        }
        if (Simd.AVAILABLE && width == Integer.BYTES) {
            return VectorCompaction.ints(validity, first, in, offset, count, out, outOffset);
        }
        return ScalarCompaction.values(validity, first, in, offset, count, width, out, outOffset);
    }

    /**
     * Copies the valid ones of single bits close together.
     *
     * @param firstIn the bit of the first slot's value.
     * @param out has room for {@code count} bits and {@link #SLACK_BYTES}; the result begins with its first bit.
     * @return how many bits there are; those after them in the last word are zero.
     */
    public static int bits(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long firstIn,
            final int count,
            final MemorySegment out,
            final long outOffset) {
        Objects.checkFromIndexSize(outOffset, count / Byte.SIZE + SLACK_BYTES, out.byteSize());
        return ScalarCompaction.bits(validity, first, in, firstIn, count, out, outOffset);
    }
}
