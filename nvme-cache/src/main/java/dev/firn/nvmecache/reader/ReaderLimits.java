package dev.firn.nvmecache.reader;

/**
 * What a {@link CachedReader} may hold.
 *
 * @param reads most reads begun and not answered.
 * @param blocksPerRead most blocks that one read may touch.
 * @param fetches most fetches from the store in flight.
 * @param blocksPerFetch most blocks that one fetch brings; more than the cache has write buffers would not all be kept.
 * @param fetchTimeoutNs how long one fetch may take, retries included.
 */
public record ReaderLimits(int reads, int blocksPerRead, int fetches, int blocksPerFetch, long fetchTimeoutNs) {
    public static final ReaderLimits DEFAULT = new ReaderLimits(1_024, 16, 64, 32, 30_000_000_000L);

    public ReaderLimits {
        requireWithin("reads", reads, 1 << 20);
        requireWithin("blocksPerRead", blocksPerRead, 1 << 10);
        requireWithin("fetches", fetches, 1 << 14);
        requireWithin("blocksPerFetch", blocksPerFetch, 1 << 14);
        requireWithin("fetchTimeoutNs", fetchTimeoutNs, Long.MAX_VALUE);
    }

    private static void requireWithin(final String name, final long value, final long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    "the cached reader's " + name + " is not within 1.." + most + ": " + value);
        }
    }
}
