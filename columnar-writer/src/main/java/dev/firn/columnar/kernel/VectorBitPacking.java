package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Packs eight values at a time: neighbours are joined in pairs within the four 64-bit lanes of a vector, then the lanes are joined. A group of eight
 * ends on a byte, so each group is stored whole words at a time and the next one overwrites what hangs over.
 */
final class VectorBitPacking {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_256;
    private static final int HALF = 4;

    private VectorBitPacking() {}

    static void packInts(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        if (width == 0) {
            return;
        }
        final int mask = width == Integer.SIZE ? -1 : (1 << width) - 1;
        final long low = (1L << Integer.SIZE) - 1;
        final int join = Integer.SIZE - width;
        long at = outOffset;
        for (int i = 0; i < count; i += BitPacking.GROUP, at += width) {
            // Lanes of 64 bits hold an even value below and its odd neighbour above: move the upper down to the lower.
            final LongVector pairs = IntVector.fromMemorySegment(
                            INTS, in, offset + (long) i * Integer.BYTES, ByteOrder.LITTLE_ENDIAN)
                    .and(mask)
                    .reinterpretAsLongs();
            final LongVector joined =
                    pairs.and(low).or(pairs.lanewise(VectorOperators.LSHR, join).and(~low >>> join));
            PairWords.store(joined.lane(0), joined.lane(1), joined.lane(2), joined.lane(3), 2 * width, out, at);
        }
    }

    static void packLongs(
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        if (width == 0) {
            return;
        }
        final long mask = (1L << width) - 1;
        long at = outOffset;
        for (int i = 0; i < count; i += BitPacking.GROUP, at += width) {
            final long from = offset + (long) i * Long.BYTES;
            final LongVector first = LongVector.fromMemorySegment(LONGS, in, from, ByteOrder.LITTLE_ENDIAN)
                    .and(mask);
            final LongVector second = LongVector.fromMemorySegment(
                            LONGS, in, from + HALF * Long.BYTES, ByteOrder.LITTLE_ENDIAN)
                    .and(mask);
            final int pair = 2 * width;
            final long a = first.lane(0) | first.lane(1) << width;
            final long b = first.lane(2) | first.lane(3) << width;
            final long c = second.lane(0) | second.lane(1) << width;
            final long d = second.lane(2) | second.lane(3) << width;
            PairWords.store(a, b, c, d, pair, out, at);
        }
    }
}
