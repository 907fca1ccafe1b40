package dev.firn.nativeio.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * The event loop of a simulation: virtual time that moves from task to task. Tasks run by (time, seeded tie-break), so two
 * tasks of the same instant run in an order that the seed chooses and that nobody can rely on.
 *
 * <p>A task is never interrupted and never waits: {@link #step} from inside a task is refused. What a task throws comes
 * out of the call that ran it.
 */
public final class Scheduler {
    /** Cancelled tasks are swept out when they are more than this many and more than half of the queue. */
    private static final int SWEEP_THRESHOLD = 1_024;

    private final PriorityQueue<ScheduledTask> tasks = new PriorityQueue<>();
    private final List<AgentTask> agents = new ArrayList<>();
    private final List<Runnable> observers = new ArrayList<>();
    private final long seed;
    private final RandomGenerator random;
    private final Trace trace;
    private long nowNs;
    private long sequence;
    private long agentsAttached;
    private int foreground;
    private int cancelled;
    private long activity;
    private boolean insideTask;
    private Agent currentAgent;

    public Scheduler(final long seed, final Trace trace) {
        this.seed = seed;
        this.random = Seeds.generator(seed, "scheduler", 0);
        this.trace = trace;
    }

    /** Virtual time since the start. */
    public long nowNs() {
        return nowNs;
    }

    public Trace trace() {
        return trace;
    }

    /** Whether the caller runs inside a task, where nothing may wait. */
    public boolean insideTask() {
        return insideTask;
    }

    /** Runs the work after the delay; 0 means at this instant, in seeded order with all else that is due. */
    public ScheduledTask schedule(final long delayNs, final Runnable work) {
        return add(delayNs, work, false);
    }

    /** As {@link #schedule}, for what comes back for ever: such a task does not keep the simulation from being idle. */
    public ScheduledTask scheduleBackground(final long delayNs, final Runnable work) {
        return add(delayNs, work, true);
    }

    /**
     * Calls an agent's duty cycle again and again, from the next instants on.
     *
     * @param node whose agent it is, for the trace.
     * @param failures gets what {@code onStart} or {@code doWork} throws; the agent is detached by then.
     */
    public AgentTask attach(
            final int node, final Agent agent, final AgentTiming timing, final Consumer<Throwable> failures) {
        final RandomGenerator jitter = Seeds.generator(seed, "agent", agentsAttached++);
        final AgentTask task = new AgentTask(this, node, agent, timing, jitter, failures);
        agents.add(task);
        task.begin();
        return task;
    }

    /** Calls the observer after each task: for invariants. */
    public void afterEachTask(final Runnable observer) {
        observers.add(observer);
    }

    /** Runs the next task, and moves time to it. Returns false when there is none. */
    public boolean step() {
        return stepUntil(Long.MAX_VALUE);
    }

    /** Runs the next task when it is due by {@code limitNs}; else moves time there (when bounded) and returns false. */
    public boolean stepUntil(final long limitNs) {
        refuseInsideTask("run the scheduler");
        ScheduledTask next = tasks.peek();
        while (next != null && !next.pending()) {
            tasks.remove();
            cancelled--;
            next = tasks.peek();
        }
        if (next == null || next.timeNs() > limitNs) {
            if (limitNs != Long.MAX_VALUE) {
                moveTo(limitNs);
            }
            return false;
        }
        tasks.remove();
        run(next);
        return true;
    }

    /** Runs all that is due by then, and leaves time there. */
    public void runUntil(final long timeNs) {
        while (stepUntil(timeNs)) {
            continue;
        }
    }

    /** As {@link #runUntil(long)}, counted from now. */
    public void runFor(final long durationNs) {
        runUntil(later(durationNs));
    }

    /** Runs until the condition holds, at most until then. Returns whether it holds. */
    public boolean runUntil(final BooleanSupplier condition, final long timeNs) {
        while (!condition.getAsBoolean()) {
            if (!stepUntil(timeNs)) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /**
     * Runs until no task but duty cycles is waiting and every agent has had a duty cycle without work since anything
     * happened, at most until then. Returns whether it came to that. An agent that waits for its own timer counts as idle.
     */
    public boolean runUntilIdle(final long timeNs) {
        return runUntil(this::idle, timeNs);
    }

    /** Whether nothing but idle duty cycles is left. */
    public boolean idle() {
        if (foreground > 0) {
            return false;
        }
        for (int i = 0; i < agents.size(); i++) {
            if (!agents.get(i).quietSince(activity)) {
                return false;
            }
        }
        return true;
    }

    /** Throws when called from inside a task: agents never block. */
    void refuseInsideTask(final String what) {
        if (insideTask) {
            throw new IllegalStateException("cannot " + what + " from inside a task of the simulation"
                    + (currentAgent == null ? "" : " (agent " + currentAgent.roleName() + ")")
                    + ": agents never block; return from the duty cycle and look again in a later one");
        }
    }

    /** The agent whose duty cycle runs now, or null. */
    Agent currentAgent() {
        return currentAgent;
    }

    void enterAgent(final Agent agent) {
        currentAgent = agent;
    }

    void leaveAgent() {
        currentAgent = null;
    }

    void onAgentWorked() {
        activity++;
    }

    long activity() {
        return activity;
    }

    void onDetached(final AgentTask task) {
        agents.removeIf(one -> one.equals(task));
    }

    void onCancelled(final ScheduledTask task) {
        if (!task.background()) {
            foreground--;
        }
        cancelled++;
        if (cancelled > SWEEP_THRESHOLD && cancelled > tasks.size() / 2) {
            tasks.removeIf(one -> !one.pending());
            cancelled = 0;
        }
    }

    private ScheduledTask add(final long delayNs, final Runnable work, final boolean background) {
        if (delayNs < 0) {
            throw new IllegalArgumentException("a task cannot be scheduled " + -delayNs + " ns in the past");
        }
        final ScheduledTask task =
                new ScheduledTask(this, later(delayNs), random.nextLong(), sequence++, background, work);
        tasks.add(task);
        if (!background) {
            foreground++;
        }
        return task;
    }

    private void run(final ScheduledTask task) {
        moveTo(task.timeNs());
        trace.add(task.timeNs());
        trace.add(task.tieBreak());
        if (!task.background()) {
            foreground--;
            activity++;
        }
        insideTask = true;
        try {
            task.take().run();
        } finally {
            insideTask = false;
            currentAgent = null;
        }
        for (int i = 0; i < observers.size(); i++) {
            observers.get(i).run();
        }
    }

    private void moveTo(final long timeNs) {
        nowNs = Math.max(nowNs, timeNs);
        trace.advanceTo(nowNs);
    }

    private long later(final long delayNs) {
        return delayNs > Long.MAX_VALUE - 1 - nowNs ? Long.MAX_VALUE - 1 : nowNs + delayNs;
    }
}
