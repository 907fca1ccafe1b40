package dev.firn.postgres.page;

import static dev.firn.postgres.page.ScalarChecksum.ROWS;
import static dev.firn.postgres.page.ScalarChecksum.ROW_BYTES;
import static dev.firn.postgres.page.ScalarChecksum.SHIFT;
import static dev.firn.postgres.page.ScalarChecksum.ZERO_ROWS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sum over a page, 32 sums at a time in four vectors of eight: each depends only on itself, so four multiplications are under
 * way at once. With 512 bits there would be two, and their latency would count.
 */
final class VectorChecksum {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;
    private static final int LANES = 8;
    private static final int VECTOR_BYTES = LANES * Integer.BYTES;
    private static final IntVector PRIMES = IntVector.broadcast(SPECIES, ScalarChecksum.PRIME);

    /** Selects the checksum among the first eight words. */
    private static final IntVector CHECKSUM_BITS =
            IntVector.zero(SPECIES).withLane(ScalarChecksum.CHECKSUM_WORD, ~ScalarChecksum.FLAGS_MASK);

    private VectorChecksum() {}

    static int sum(final MemorySegment segment, final long offset) {
        // The stored checksum counts as zero: xored in beforehand, it goes out again when its word comes. The page is
        // only read.
        // The bases are loaded, not kept as constant vectors: a loop that begins with an object goes on with objects.
        IntVector a =
                bases(0).lanewise(VectorOperators.XOR, words(segment, offset).and(CHECKSUM_BITS));
        IntVector b = bases(1);
        IntVector c = bases(2);
        IntVector d = bases(3);
        for (int row = 0; row < ROWS; row++) {
            final long at = offset + (long) row * ROW_BYTES;
            a = mix(a.lanewise(VectorOperators.XOR, words(segment, at)));
            b = mix(b.lanewise(VectorOperators.XOR, words(segment, at + VECTOR_BYTES)));
            c = mix(c.lanewise(VectorOperators.XOR, words(segment, at + 2 * VECTOR_BYTES)));
            d = mix(d.lanewise(VectorOperators.XOR, words(segment, at + 3 * VECTOR_BYTES)));
        }
        for (int row = 0; row < ZERO_ROWS; row++) {
            a = mix(a);
            b = mix(b);
            c = mix(c);
            d = mix(d);
        }
        return a.lanewise(VectorOperators.XOR, b)
                .lanewise(VectorOperators.XOR, c)
                .lanewise(VectorOperators.XOR, d)
                .reduceLanes(VectorOperators.XOR);
    }

    private static IntVector bases(final int vector) {
        return IntVector.fromArray(SPECIES, ScalarChecksum.BASES, vector * LANES);
    }

    private static IntVector words(final MemorySegment segment, final long offset) {
        return IntVector.fromMemorySegment(SPECIES, segment, offset, ByteOrder.LITTLE_ENDIAN);
    }

    private static IntVector mix(final IntVector mixed) {
        return mixed.lanewise(VectorOperators.MUL, PRIMES)
                .lanewise(VectorOperators.XOR, mixed.lanewise(VectorOperators.LSHR, SHIFT));
    }
}
