package dev.firn.server.role;

import java.time.Duration;

/**
 * When and how often a failed role is started again. The delay doubles with each restart from the first to the longest.
 *
 * @param firstDelay wait before the first restart.
 * @param longestDelay the delay grows no further.
 * @param maxRestarts after this many restarts without a quiet time between, the next failure is final.
 * @param quietTime a role that ran this long is forgiven its earlier restarts.
 * @param startLimit how long a first start may take before the supervisor gives up on it.
 * @param stopLimit how long a stop may take before the supervisor goes on without it.
 */
public record RestartPolicy(
        Duration firstDelay,
        Duration longestDelay,
        int maxRestarts,
        Duration quietTime,
        Duration startLimit,
        Duration stopLimit) {
    /** Five restarts within some seconds, for parts whose restart is cheap. */
    public static final RestartPolicy STANDARD = new RestartPolicy(
            Duration.ofMillis(100),
            Duration.ofSeconds(10),
            5,
            Duration.ofMinutes(1),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10));

    /** Again and again, every two seconds at last: for parts that others go on without for a while, and that come back. */
    public static final RestartPolicy TIRELESS = new RestartPolicy(
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Integer.MAX_VALUE,
            Duration.ofSeconds(10),
            Duration.ofSeconds(90),
            Duration.ofSeconds(12));

    public RestartPolicy {
        if (firstDelay.isNegative() || longestDelay.compareTo(firstDelay) < 0 || maxRestarts < 0) {
            throw new IllegalArgumentException(
                    "restart delays " + firstDelay + ".." + longestDelay + ", " + maxRestarts + " restarts");
        }
    }

    /** The wait before this restart; the first one has number 1. */
    public Duration delayBefore(final int restart) {
        Duration delay = firstDelay;
        for (int i = 1; i < restart && delay.compareTo(longestDelay) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(longestDelay) < 0 ? delay : longestDelay;
    }
}
