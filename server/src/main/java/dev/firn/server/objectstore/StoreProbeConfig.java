package dev.firn.server.objectstore;

import java.time.Duration;

/**
 * How the store role proves and sweeps.
 *
 * @param interval from the end of a proof to the begin of the next.
 * @param callLimit how long one call of a proof may take, retries included.
 * @param stall a proof that is still under way after this makes the role degraded.
 * @param startLimit how long the first proof may take.
 * @param sweepInterval from the end of a sweep to the begin of the next; the first begins so long after the start.
 * @param staleAge uploads and objects of proofs that are older are leftovers of crashes.
 * @param finishLimit how long a stop lets a proof that is under way go on, so that it leaves nothing behind.
 * @param stopLimit how long a stop waits for the session.
 */
public record StoreProbeConfig(
        Duration interval,
        Duration callLimit,
        Duration stall,
        Duration startLimit,
        Duration sweepInterval,
        Duration staleAge,
        Duration finishLimit,
        Duration stopLimit) {
    /** Three requests every five seconds, and two an hour. The limits stay below those of the supervisor. */
    public static final StoreProbeConfig STANDARD = new StoreProbeConfig(
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(15),
            Duration.ofHours(1),
            Duration.ofHours(24),
            Duration.ofSeconds(1),
            Duration.ofSeconds(6));

    public StoreProbeConfig withInterval(final Duration chosen) {
        return new StoreProbeConfig(
                chosen, callLimit, stall, startLimit, sweepInterval, staleAge, finishLimit, stopLimit);
    }

    public StoreProbeConfig withStall(final Duration chosen) {
        return new StoreProbeConfig(
                interval, callLimit, chosen, startLimit, sweepInterval, staleAge, finishLimit, stopLimit);
    }

    public StoreProbeConfig withSweepInterval(final Duration chosen) {
        return new StoreProbeConfig(interval, callLimit, stall, startLimit, chosen, staleAge, finishLimit, stopLimit);
    }

    public StoreProbeConfig withStartLimit(final Duration chosen) {
        return new StoreProbeConfig(
                interval, callLimit, stall, chosen, sweepInterval, staleAge, finishLimit, stopLimit);
    }

    public StoreProbeConfig withStopLimit(final Duration chosen) {
        return new StoreProbeConfig(
                interval, callLimit, stall, startLimit, sweepInterval, staleAge, finishLimit, chosen);
    }
}
