package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Hashes of 64-bit values a vector at a time: the twin of {@link XxHash64#scalarHashAll}. Apart, so that a JVM without the Vector API never loads it. */
final class VectorHashes {
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorHashes() {}

    static void hashLongs(final MemorySegment in, final long offset, final int count, final MemorySegment out) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int bound = LONGS.loopBound(count);
        for (int i = 0; i < bound; i += LONGS.length()) {
            final LongVector round = LongVector.fromMemorySegment(LONGS, in, offset + (long) i * Long.BYTES, ORDER)
                    .mul(XxHash64.P2)
                    .lanewise(VectorOperators.ROL, 31)
                    .mul(XxHash64.P1);
            LongVector hash = round.lanewise(VectorOperators.XOR, XxHash64.P5 + Long.BYTES)
                    .lanewise(VectorOperators.ROL, 27)
                    .mul(XxHash64.P1)
                    .add(XxHash64.P4);
            hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 33))
                    .mul(XxHash64.P2);
            hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 29))
                    .mul(XxHash64.P3);
            hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 32))
                    .intoMemorySegment(out, (long) i * Long.BYTES, ORDER);
        }
        XxHash64.scalarHashAll(in, offset, bound, count, Long.BYTES, out);
    }
}
