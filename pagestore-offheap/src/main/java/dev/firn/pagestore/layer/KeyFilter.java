package dev.firn.pagestore.layer;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * A split block Bloom filter, as the Parquet format describes it, over {@link dev.firn.pagestore.key.PageKeys#hash}: each key sets one bit in each of
 * the eight words of one block of 32 bytes, so that a question costs one cache line.
 */
final class KeyFilter {
    static final int BLOCK_BYTES = 32;

    private static final int BLOCK_BITS = BLOCK_BYTES * Byte.SIZE;
    private static final int WORDS = BLOCK_BYTES / Integer.BYTES;
    private static final int BIT_SHIFT = 27;

    private static final int[] SALT = {
        0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
    };

    private KeyFilter() {}

    /** How long the filter of so many keys is. */
    static long bytes(final long keys, final int bitsAKey) {
        return Math.max(1, Math.ceilDiv(keys * bitsAKey, BLOCK_BITS)) * BLOCK_BYTES;
    }

    static void add(final MemorySegment filter, final long offset, final int lengthBytes, final long hash) {
        final long block = offset + block(hash, lengthBytes);
        for (int i = 0; i < WORDS; i++) {
            final long word = block + (long) Integer.BYTES * i;
            LittleEndian.putInt(filter, word, LittleEndian.getInt(filter, word) | bit(hash, i));
        }
    }

    static boolean mayContain(final MemorySegment filter, final long offset, final int lengthBytes, final long hash) {
        final long block = offset + block(hash, lengthBytes);
        for (int i = 0; i < WORDS; i++) {
            if ((LittleEndian.getInt(filter, block + (long) Integer.BYTES * i) & bit(hash, i)) == 0) {
                return false;
            }
        }
        return true;
    }

    private static long block(final long hash, final int lengthBytes) {
        return (((hash >>> Integer.SIZE) * (lengthBytes / BLOCK_BYTES)) >>> Integer.SIZE) * BLOCK_BYTES;
    }

    private static int bit(final long hash, final int word) {
        return 1 << (((int) hash * SALT[word]) >>> BIT_SHIFT);
    }
}
