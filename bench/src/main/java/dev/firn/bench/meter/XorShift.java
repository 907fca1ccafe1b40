package dev.firn.bench.meter;

/**
 * Marsaglia's xorshift64: three shifts a number, no state but one long, so that choosing a block costs nothing beside
 * reading it. Good enough to spread reads over a file; for nothing else. For one thread.
 */
public final class XorShift {
    private static final long NEVER_ZERO = 0x9E3779B97F4A7C15L;

    private long state;

    public XorShift(final long seed) {
        state = seed == 0 ? NEVER_ZERO : seed;
    }

    public long nextLong() {
        long x = state;
        x ^= x << 13;
        x ^= x >>> 7;
        x ^= x << 17;
        state = x;
        return x;
    }

    /** A number in {@code 0..bound}, the bound excluded, without a division. */
    public long nextBelow(final long bound) {
        return Math.unsignedMultiplyHigh(nextLong(), bound);
    }
}
