package dev.firn.server.storage;

import dev.firn.nativeio.storage.RingBackend;
import java.time.Duration;

/**
 * How the storage role measures.
 *
 * @param backend which ring is asked for.
 * @param interval from the end of a probe to the begin of the next.
 * @param slowFlush a flush that took longer makes the role degraded.
 * @param stall a probe that is still under way after this makes the role stalled.
 * @param startLimit how long the first probe may take.
 * @param stopLimit how long a stop waits for a probe that is under way.
 */
public record ProbeConfig(
        RingBackend backend,
        Duration interval,
        Duration slowFlush,
        Duration stall,
        Duration startLimit,
        Duration stopLimit) {
    /** A probe every five seconds: 0.2 flushes a second are nothing beside what a commit log asks of the same disk. */
    public static final ProbeConfig STANDARD = new ProbeConfig(
            RingBackend.BEST,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5));

    public ProbeConfig withInterval(final Duration chosen) {
        return new ProbeConfig(backend, chosen, slowFlush, stall, startLimit, stopLimit);
    }

    public ProbeConfig withSlowFlush(final Duration chosen) {
        return new ProbeConfig(backend, interval, chosen, stall, startLimit, stopLimit);
    }

    public ProbeConfig withBackend(final RingBackend chosen) {
        return new ProbeConfig(chosen, interval, slowFlush, stall, startLimit, stopLimit);
    }
}
