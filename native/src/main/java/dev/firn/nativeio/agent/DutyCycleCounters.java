package dev.firn.nativeio.agent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** How often an agent had work: written by its thread only, read by any. */
public final class DutyCycleCounters {
    private static final VarHandle WORKING = field("workingCycles");
    private static final VarHandle IDLE = field("idleCycles");
    private static final VarHandle WORK = field("work");

    private long workingCycles;
    private long idleCycles;
    private long work;

    DutyCycleCounters() {}

    /** One duty cycle is over. On the agent's thread. */
    void cycle(final int workCount) {
        if (workCount > 0) {
            WORK.setOpaque(this, work + workCount);
            WORKING.setOpaque(this, workingCycles + 1);
        } else {
            IDLE.setOpaque(this, idleCycles + 1);
        }
    }

    /** Duty cycles that found work. */
    public long workingCycles() {
        return (long) WORKING.getOpaque(this);
    }

    /** Duty cycles that found nothing to do. */
    public long idleCycles() {
        return (long) IDLE.getOpaque(this);
    }

    /** Sum of what {@code doWork} returned. */
    public long work() {
        return (long) WORK.getOpaque(this);
    }

    private static VarHandle field(final String name) {
        try {
            return MethodHandles.lookup().findVarHandle(DutyCycleCounters.class, name, long.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
