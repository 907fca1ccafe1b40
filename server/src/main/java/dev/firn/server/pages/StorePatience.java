package dev.firn.server.pages;

/**
 * How long a thread may sleep while answers of an object store are on their way, of which nobody tells it: an eighth of the time
 * that they have kept it waiting. So an answer is late by an eighth at most, and a store that is away costs next to nothing.
 *
 * <p>Belongs to the thread that sleeps.
 */
final class StorePatience {
    /** Below, sleeping costs more than it spares. */
    private static final long LEAST_NS = 20_000;

    private static final int PARTS = 8;

    private long sinceNs;
    private boolean waiting;

    /**
     * To be asked at the end of each duty cycle.
     *
     * @param inFlight calls begun and not answered.
     * @param moved whether one was begun or answered in this cycle.
     * @return {@code Long.MAX_VALUE} when nothing is on its way.
     */
    long sleepNs(final int inFlight, final boolean moved, final long nowNs) {
        if (inFlight == 0) {
            waiting = false;
            return Long.MAX_VALUE;
        }
        if (moved || !waiting) {
            waiting = true;
            sinceNs = nowNs;
        }
        return Math.max(LEAST_NS, (nowNs - sinceNs) / PARTS);
    }
}
