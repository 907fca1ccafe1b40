package dev.firn.columnar.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Turns Arrow's decimals (16 bytes, the least significant first) into Parquet's (as few as the precision needs, the most significant first). */
public final class Decimals {
    /** Bytes of a decimal in a column vector. */
    public static final int ARROW_BYTES = 16;

    /** Bytes past the last value that the kernels may write. */
    public static final int SLACK_BYTES = ARROW_BYTES;

    private Decimals() {}

    /** @param width bytes of a value in the file, up to {@link #ARROW_BYTES}; what is above them is the sign over again. */
    public static void toBigEndian(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        Objects.checkFromIndexSize(offset, (long) count * ARROW_BYTES, in.byteSize());
        Objects.checkFromIndexSize(outOffset, (long) count * width + SLACK_BYTES, out.byteSize());
        if (Simd.AVAILABLE) {
            VectorDecimals.toBigEndian(in, offset, count, width, out, outOffset);
        } else {
            scalarToBigEndian(in, offset, count, width, out, outOffset);
        }
    }

    static void scalarToBigEndian(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        for (int i = 0; i < count; i++) {
            final long from = offset + (long) i * ARROW_BYTES + width - 1;
            final long to = outOffset + (long) i * width;
            for (int b = 0; b < width; b++) {
                out.set(JAVA_BYTE, to + b, in.get(JAVA_BYTE, from - b));
            }
        }
    }
}
