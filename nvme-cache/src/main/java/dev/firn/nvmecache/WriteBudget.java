package dev.firn.nvmecache;

/** How much may be written for blocks that nobody asked for twice: a token bucket that holds one second. */
final class WriteBudget {
    private static final double NS_PER_SECOND = 1e9;

    private final long bytesPerSecond;
    private double available;
    private long lastNs;

    /**
     * @param bytesPerSecond 0 for no limit.
     */
    WriteBudget(final long bytesPerSecond, final long nowNs) {
        this.bytesPerSecond = bytesPerSecond;
        this.available = bytesPerSecond;
        this.lastNs = nowNs;
    }

    boolean allows(final long nowNs, final int bytes) {
        if (bytesPerSecond == 0) {
            return true;
        }
        available = Math.min(bytesPerSecond, available + bytesPerSecond * ((nowNs - lastNs) / NS_PER_SECOND));
        lastNs = nowNs;
        return available >= bytes;
    }

    void spend(final int bytes) {
        available -= bytes;
    }
}
