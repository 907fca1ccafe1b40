package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The blocks of a split-block bloom filter (BloomFilter.md of parquet-format): eight words of 32 bits, in each of which a hash sets one bit. */
public final class BloomBlocks {
    public static final int BLOCK_BYTES = 32;
    static final int WORDS = 8;
    static final int SHIFT = 27;

    private BloomBlocks() {}

    /** SALT of BloomFilter.md, by word. */
    static int salt(final int word) {
        return switch (word) {
            case 0 -> 0x47b6137b;
            case 1 -> 0x44974d91;
            case 2 -> 0x8824ad5b;
            case 3 -> 0xa2b7289d;
            case 4 -> 0x705495c7;
            case 5 -> 0x2df1424b;
            case 6 -> 0x9efc4947;
            default -> 0x5c6bfb31;
        };
    }

    /**
     * Sets the bits of hashes.
     *
     * @param hashes 64-bit hashes, {@code count} of them.
     * @param filter as long as its blocks: a power of two of them.
     */
    public static void insert(final MemorySegment hashes, final int count, final MemorySegment filter) {
        Objects.checkFromIndexSize(0, (long) count * Long.BYTES, hashes.byteSize());
        if (Simd.AVAILABLE) {
            VectorBloomBlocks.insert(hashes, count, filter);
        } else {
            scalarInsert(hashes, count, filter);
        }
    }

    /** The block of a hash: its upper half, scaled to the number of blocks. */
    static long blockOffset(final long hash, final long blocks) {
        return (((hash >>> Integer.SIZE) * blocks) >>> Integer.SIZE) * BLOCK_BYTES;
    }

    static void scalarInsert(final MemorySegment hashes, final int count, final MemorySegment filter) {
        final long blocks = filter.byteSize() / BLOCK_BYTES;
        for (int i = 0; i < count; i++) {
            final long hash = LittleEndian.getLong(hashes, (long) i * Long.BYTES);
            final long at = blockOffset(hash, blocks);
            for (int word = 0; word < WORDS; word++) {
                final long wordAt = at + word * Integer.BYTES;
                final int bit = 1 << (((int) hash * salt(word)) >>> SHIFT);
                LittleEndian.putInt(filter, wordAt, LittleEndian.getInt(filter, wordAt) | bit);
            }
        }
    }
}
