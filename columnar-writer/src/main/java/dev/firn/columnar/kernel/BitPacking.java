package dev.firn.columnar.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Values of a fixed number of bits side by side, the least significant bit first: the bit-packed runs of Parquet's RLE/bit-packing hybrid, and the
 * miniblocks of DELTA_BINARY_PACKED (Encodings.md of parquet-format).
 */
public final class BitPacking {
    /** Values are packed in groups; a group of eight values takes as many bytes as a value has bits. */
    public static final int GROUP = 8;

    /** Bytes past the packed ones that the kernels may write. */
    public static final int SLACK_BYTES = 64;

    private BitPacking() {}

    /** How many bytes so many values take, whole groups of them. */
    public static long packedBytes(final int count, final int width) {
        return (long) ((count + GROUP - 1) / GROUP) * width;
    }

    /**
     * Packs 32-bit values.
     *
     * @param count a multiple of {@link #GROUP}.
     * @param width bits a value, 0 to 32; higher bits of the values are cut off.
     * @param out has room for {@link #packedBytes} and {@link #SLACK_BYTES}.
     */
    public static void packInts(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        check(count, width, Integer.SIZE);
        Objects.checkFromIndexSize(offset, (long) count * Integer.BYTES, in.byteSize());
        Objects.checkFromIndexSize(outOffset, packedBytes(count, width) + SLACK_BYTES, out.byteSize());
        if (Simd.AVAILABLE) {
            VectorBitPacking.packInts(in, offset, count, width, out, outOffset);
        } else {
            ScalarBitPacking.packInts(in, offset, count, width, out, outOffset);
        }
    }

    /**
     * Packs 64-bit values.
     *
     * @param count a multiple of {@link #GROUP}.
     * @param width bits a value, 0 to 64; higher bits of the values are cut off.
     * @param out has room for {@link #packedBytes} and {@link #SLACK_BYTES}.
     */
    public static void packLongs(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        check(count, width, Long.SIZE);
        Objects.checkFromIndexSize(offset, (long) count * Long.BYTES, in.byteSize());
        Objects.checkFromIndexSize(outOffset, packedBytes(count, width) + SLACK_BYTES, out.byteSize());
        if (Simd.AVAILABLE && width <= Integer.SIZE) {
            VectorBitPacking.packLongs(in, offset, count, width, out, outOffset);
        } else {
            ScalarBitPacking.packLongs(in, offset, count, width, out, outOffset);
        }
    }

    private static void check(final int count, final int width, final int widest) {
        if (count < 0 || count % GROUP != 0 || width < 0 || width > widest) {
            throw new IllegalArgumentException(
                    count + " values of " + width + " bits are not whole groups of " + GROUP + " of 0 to " + widest);
        }
    }
}
