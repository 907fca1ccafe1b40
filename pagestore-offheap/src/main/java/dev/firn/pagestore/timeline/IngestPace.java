package dev.firn.pagestore.timeline;

import dev.firn.nativeio.seam.Clock;

/**
 * How fast WAL may come while layers wait to be merged: as fast as it can up to the limit of debt; beyond, each byte takes the longer the more of
 * the way to twice the limit is gone; there, none may come.
 */
final class IngestPace {
    /** What a byte takes halfway to twice the limit: 64 MiB/s, which merges can keep up with. */
    private static final double HALFWAY_NS_A_BYTE = 1e9 / (64 << 20);

    private final Clock clock;
    private final long limitBytes;
    private long notBeforeNs;

    IngestPace(final Clock clock, final long limitBytes) {
        this.clock = clock;
        this.limitBytes = limitBytes;
        this.notBeforeNs = clock.nanoTime();
    }

    boolean mayTake(final long debtBytes) {
        return debtBytes <= limitBytes || (debtBytes < 2 * limitBytes && clock.nanoTime() - notBeforeNs >= 0);
    }

    void taken(final int bytes, final long debtBytes) {
        if (debtBytes > limitBytes && bytes > 0) {
            final double gone = (double) (debtBytes - limitBytes) / limitBytes;
            final double nsAByte = HALFWAY_NS_A_BYTE * gone / Math.max(1e-3, 1 - gone);
            notBeforeNs = clock.nanoTime() + (long) (bytes * nsAByte);
        }
    }
}
