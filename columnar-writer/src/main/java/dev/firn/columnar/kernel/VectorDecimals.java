package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** A decimal a vector: the twin of {@link Decimals#scalarToBigEndian}. Apart, so that a JVM without the Vector API never loads it. */
final class VectorDecimals {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorDecimals() {}

    static void toBigEndian(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final VectorShuffle<Byte> reversed =
                VectorShuffle.fromOp(BYTES, lane -> lane < width ? width - 1 - lane : lane);
        for (int i = 0; i < count; i++) {
            ByteVector.fromMemorySegment(BYTES, in, offset + (long) i * Decimals.ARROW_BYTES, ORDER)
                    .rearrange(reversed)
                    .intoMemorySegment(out, outOffset + (long) i * width, ORDER);
        }
    }
}
