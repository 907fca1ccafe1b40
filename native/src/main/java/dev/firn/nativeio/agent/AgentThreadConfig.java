package dev.firn.nativeio.agent;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an agent's thread runs.
 *
 * @param idleProfile what it does without work.
 * @param cpus where it is pinned; empty to let the kernel choose.
 * @param closeDeadline how long {@link AgentThread#close()} waits.
 */
public record AgentThreadConfig(IdleProfile idleProfile, Optional<CpuSet> cpus, Duration closeDeadline) {
    public static final Duration DEFAULT_CLOSE_DEADLINE = Duration.ofSeconds(10);

    public AgentThreadConfig {
        Objects.requireNonNull(idleProfile, "idleProfile");
        Objects.requireNonNull(cpus, "cpus");
        if (!closeDeadline.isPositive()) {
            throw new IllegalArgumentException("close deadline " + closeDeadline + " is not positive");
        }
    }

    /** Not pinned. */
    public static AgentThreadConfig of(final IdleProfile idleProfile) {
        return new AgentThreadConfig(idleProfile, Optional.empty(), DEFAULT_CLOSE_DEADLINE);
    }

    public AgentThreadConfig pinnedTo(final CpuSet where) {
        return new AgentThreadConfig(idleProfile, Optional.of(where), closeDeadline);
    }

    public AgentThreadConfig withCloseDeadline(final Duration deadline) {
        return new AgentThreadConfig(idleProfile, cpus, deadline);
    }
}
