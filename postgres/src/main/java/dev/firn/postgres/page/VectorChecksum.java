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
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = 8;
    private static final int VECTOR_BYTES = LANES * Integer.BYTES;
    private static final IntVector ZEROES = IntVector.zero(SPECIES);
    private static final IntVector PRIMES = IntVector.broadcast(SPECIES, ScalarChecksum.PRIME);

    /** Selects the checksum among the first eight words. */
    private static final IntVector CHECKSUM_BITS =
            IntVector.zero(SPECIES).withLane(ScalarChecksum.CHECKSUM_WORD, ~ScalarChecksum.FLAGS_MASK);

    private VectorChecksum() {}

    /**
     * All in one method: a helper that takes or returns a vector makes objects of them wherever C2 does not inline it, and it does not when it has
     * compiled the helper by itself before, and found it large. And what a loop carries is never what a method is called on: C2 may not know its class
     * there, looks at it, and needs the object for that. So a word that was just loaded stands in front, or zeroes do.
     */
    static int sum(final MemorySegment segment, final long offset) {
        // The stored checksum counts as zero: xored in beforehand, it goes out again when its word comes. The page is
        // only read.
        // The bases are loaded, not kept as constant vectors: a loop that begins with an object goes on with objects.
        IntVector a = IntVector.fromArray(SPECIES, ScalarChecksum.BASES, 0)
                .lanewise(
                        VectorOperators.XOR,
                        IntVector.fromMemorySegment(SPECIES, segment, offset, ORDER)
                                .and(CHECKSUM_BITS));
        IntVector b = IntVector.fromArray(SPECIES, ScalarChecksum.BASES, LANES);
        IntVector c = IntVector.fromArray(SPECIES, ScalarChecksum.BASES, 2 * LANES);
        IntVector d = IntVector.fromArray(SPECIES, ScalarChecksum.BASES, 3 * LANES);
        for (int row = 0; row < ROWS; row++) {
            final long at = offset + (long) row * ROW_BYTES;
            a = IntVector.fromMemorySegment(SPECIES, segment, at, ORDER).lanewise(VectorOperators.XOR, a);
            b = IntVector.fromMemorySegment(SPECIES, segment, at + VECTOR_BYTES, ORDER)
                    .lanewise(VectorOperators.XOR, b);
            c = IntVector.fromMemorySegment(SPECIES, segment, at + 2 * VECTOR_BYTES, ORDER)
                    .lanewise(VectorOperators.XOR, c);
            d = IntVector.fromMemorySegment(SPECIES, segment, at + 3 * VECTOR_BYTES, ORDER)
                    .lanewise(VectorOperators.XOR, d);
            a = a.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, a.lanewise(VectorOperators.LSHR, SHIFT));
            b = b.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, b.lanewise(VectorOperators.LSHR, SHIFT));
            c = c.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, c.lanewise(VectorOperators.LSHR, SHIFT));
            d = d.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, d.lanewise(VectorOperators.LSHR, SHIFT));
        }
        for (int row = 0; row < ZERO_ROWS; row++) {
            a = ZEROES.lanewise(VectorOperators.XOR, a);
            b = ZEROES.lanewise(VectorOperators.XOR, b);
            c = ZEROES.lanewise(VectorOperators.XOR, c);
            d = ZEROES.lanewise(VectorOperators.XOR, d);
            a = a.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, a.lanewise(VectorOperators.LSHR, SHIFT));
            b = b.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, b.lanewise(VectorOperators.LSHR, SHIFT));
            c = c.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, c.lanewise(VectorOperators.LSHR, SHIFT));
            d = d.lanewise(VectorOperators.MUL, PRIMES)
                    .lanewise(VectorOperators.XOR, d.lanewise(VectorOperators.LSHR, SHIFT));
        }
        return ZEROES.lanewise(VectorOperators.XOR, a)
                .lanewise(VectorOperators.XOR, b)
                .lanewise(VectorOperators.XOR, c)
                .lanewise(VectorOperators.XOR, d)
                .reduceLanes(VectorOperators.XOR);
    }
}
