package dev.firn.walquorum.follow;

import java.util.random.RandomGenerator;

/** How long to wait before the next try: twice as long each time, between half of that and all of it by chance. */
final class Backoff {
    private static final int MAX_DOUBLINGS = 40;

    private final long firstNs;
    private final long longestNs;
    private final RandomGenerator random;
    private int failures;

    Backoff(final long firstNs, final long longestNs, final RandomGenerator random) {
        this.firstNs = firstNs;
        this.longestNs = longestNs;
        this.random = random;
    }

    long nextNs() {
        long waitNs = firstNs;
        for (int i = 0; i < Math.min(failures, MAX_DOUBLINGS) && waitNs < longestNs; i++) {
            waitNs = Math.min(longestNs, 2 * waitNs);
        }
        failures++;
        return waitNs / 2 + random.nextLong(waitNs / 2 + 1);
    }

    void reset() {
        failures = 0;
    }
}
