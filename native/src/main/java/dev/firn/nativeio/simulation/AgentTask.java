package dev.firn.nativeio.simulation;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/** An agent attached to a {@link Scheduler}: the simulation's agent runner. */
public final class AgentTask {
    private final Scheduler scheduler;
    private final int node;
    private final Agent agent;
    private final AgentTiming timing;
    private final RandomGenerator random;
    private final Consumer<Throwable> failures;
    private ScheduledTask next;
    private boolean started;
    private boolean detached;
    private long stalledUntilNs;
    private long idleNs;
    private long quietActivity = -1;

    AgentTask(
            final Scheduler scheduler,
            final int node,
            final Agent agent,
            final AgentTiming timing,
            final RandomGenerator random,
            final Consumer<Throwable> failures) {
        this.scheduler = scheduler;
        this.node = node;
        this.agent = agent;
        this.timing = timing;
        this.random = random;
        this.failures = failures;
        this.idleNs = timing.maxCycleNs();
    }

    public Agent agent() {
        return agent;
    }

    /** Whether it still gets duty cycles. */
    public boolean attached() {
        return !detached;
    }

    /** No duty cycle within this time from now: the host is busy elsewhere. */
    public void stall(final long durationNs) {
        stalledUntilNs = Math.max(stalledUntilNs, scheduler.nowNs() + durationNs);
    }

    /** Ends the agent in good order: no more duty cycles, and {@code onClose} when it had been started. */
    public void close() {
        if (!detached) {
            abandon();
            if (started) {
                agent.onClose();
            }
        }
    }

    /** Ends the agent as a crash does: no more duty cycles, no {@code onClose}. */
    public void abandon() {
        if (!detached) {
            detached = true;
            if (next != null) {
                next.cancel();
            }
            scheduler.onDetached(this);
        }
    }

    void begin() {
        next = scheduler.scheduleBackground(Seeds.between(random, 0, timing.maxCycleNs()), this::cycle);
    }

    /** Whether its last duty cycle found nothing to do and nothing has happened since. */
    boolean quietSince(final long activity) {
        return quietActivity == activity;
    }

    private void cycle() {
        final long behindNs = stalledUntilNs - scheduler.nowNs();
        if (behindNs > 0) {
            next = scheduler.scheduleBackground(behindNs, this::cycle);
            return;
        }
        final int workCount;
        scheduler.enterAgent(agent);
        try {
            if (!started) {
                started = true;
                agent.onStart();
            }
            workCount = agent.doWork();
        } catch (final Throwable failure) {
            abandon();
            scheduler.leaveAgent();
            failures.accept(failure);
            return;
        }
        scheduler.leaveAgent();
        if (!detached) {
            next = scheduler.scheduleBackground(pauseNs(workCount), this::cycle);
        }
    }

    private long pauseNs(final int workCount) {
        if (workCount > 0) {
            scheduler.onAgentWorked();
            idleNs = timing.maxCycleNs();
        } else {
            quietActivity = scheduler.activity();
            idleNs = Math.min(timing.maxIdleNs(), idleNs * 2);
        }
        final long pauseNs = Seeds.between(random, timing.minCycleNs(), workCount > 0 ? timing.maxCycleNs() : idleNs);
        if (!Seeds.happens(random, timing.stall())) {
            return pauseNs;
        }
        final long stallNs = Seeds.between(random, 0, timing.maxStallNs());
        scheduler.trace().fault(FaultKind.AGENT_STALL, node, agent.roleName(), stallNs, 0);
        return pauseNs + stallNs;
    }
}
