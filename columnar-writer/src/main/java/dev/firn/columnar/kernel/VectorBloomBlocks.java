package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** A block a vector: the twin of {@link BloomBlocks#scalarInsert}. Apart, so that a JVM without the Vector API never loads it. */
final class VectorBloomBlocks {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final IntVector SALTS = IntVector.fromArray(
            INTS,
            new int[] {
                BloomBlocks.salt(0),
                BloomBlocks.salt(1),
                BloomBlocks.salt(2),
                BloomBlocks.salt(3),
                BloomBlocks.salt(4),
                BloomBlocks.salt(5),
                BloomBlocks.salt(6),
                BloomBlocks.salt(7)
            },
            0);
    private static final IntVector ONES = IntVector.broadcast(INTS, 1);

    private VectorBloomBlocks() {}

    static void insert(final MemorySegment hashes, final int count, final MemorySegment filter) {
        LittleEndian.requireNative(hashes);
        LittleEndian.requireNative(filter);
        final long blocks = filter.byteSize() / BloomBlocks.BLOCK_BYTES;
        for (int i = 0; i < count; i++) {
            final long hash = LittleEndian.getLong(hashes, (long) i * Long.BYTES);
            final long at = BloomBlocks.blockOffset(hash, blocks);
            final IntVector bits = ONES.lanewise(
                    VectorOperators.LSHL, SALTS.mul((int) hash).lanewise(VectorOperators.LSHR, BloomBlocks.SHIFT));
            IntVector.fromMemorySegment(INTS, filter, at, ORDER).or(bits).intoMemorySegment(filter, at, ORDER);
        }
    }
}
