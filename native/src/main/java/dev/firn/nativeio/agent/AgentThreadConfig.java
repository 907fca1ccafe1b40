package dev.firn.nativeio.agent;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/**
 * How an agent's thread runs.
 *
 * @param idleProfile what it does without work.
 * @param cpus where it is pinned; empty to let the kernel choose.
 * @param closeDeadline how long {@link AgentThread#close()} waits.
 * @param signal what it sleeps by without work; empty for a thread that has to look from time to time. Its waits are shorter than
 *     the deadline.
 */
public record AgentThreadConfig(
        IdleProfile idleProfile, Optional<CpuSet> cpus, Duration closeDeadline, Optional<WorkSignal> signal) {
    public static final Duration DEFAULT_CLOSE_DEADLINE = Duration.ofSeconds(10);

    public AgentThreadConfig {
        Objects.requireNonNull(idleProfile, "idleProfile");
        Objects.requireNonNull(cpus, "cpus");
        Objects.requireNonNull(signal, "signal");
        if (!closeDeadline.isPositive()) {
            throw new IllegalArgumentException("close deadline " + closeDeadline + " is not positive");
        }
    }

    /** Not pinned. */
    public static AgentThreadConfig of(final IdleProfile idleProfile) {
        return new AgentThreadConfig(idleProfile, Optional.empty(), DEFAULT_CLOSE_DEADLINE, Optional.empty());
    }

    public AgentThreadConfig pinnedTo(final CpuSet where) {
        return new AgentThreadConfig(idleProfile, Optional.of(where), closeDeadline, signal);
    }

    public AgentThreadConfig withCloseDeadline(final Duration deadline) {
        return new AgentThreadConfig(idleProfile, cpus, deadline, signal);
    }

    /** Woken by others, where the profile lets a thread sleep at all. */
    public AgentThreadConfig wokenBy(final WorkSignal workSignal) {
        return new AgentThreadConfig(idleProfile, cpus, closeDeadline, Optional.of(workSignal));
    }

    IdleStrategy newIdleStrategy() {
        return signal.map(idleProfile::newIdleStrategy).orElseGet(idleProfile::newIdleStrategy);
    }
}
