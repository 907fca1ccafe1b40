package dev.firn.nvmecache;

/** The hash of what names a block. */
final class BlockKey {
    private BlockKey() {}

    /** Spreads over all 64 bits: the upper choose a bucket, the lower 32 are the fingerprint. */
    static long hash(final long objectHigh, final long objectLow, final int block) {
        // Odd constants of Stafford's "mix 13" variant of MurmurHash3's finalizer, and of splitmix64.
        long h = objectHigh ^ Long.rotateLeft(objectLow * 0x9E3779B97F4A7C15L, 29) ^ (block * 0xD6E8FEB86659FD93L);
        h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
        h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
        return h ^ (h >>> 31);
    }

    /** Which of so many buckets: by the upper bits, without a division. */
    static long bucket(final long hash, final long buckets) {
        return Math.unsignedMultiplyHigh(hash, buckets);
    }

    static int fingerprint(final long hash) {
        return (int) hash;
    }
}
