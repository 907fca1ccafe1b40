package dev.firn.nativeio.simulation;

/** A task that waits in a {@link Scheduler} for its time. */
public final class ScheduledTask implements Comparable<ScheduledTask> {
    private final Scheduler scheduler;
    private final long timeNs;
    private final long tieBreak;
    private final long sequence;
    private final boolean background;
    private Runnable work;

    ScheduledTask(
            final Scheduler scheduler,
            final long timeNs,
            final long tieBreak,
            final long sequence,
            final boolean background,
            final Runnable work) {
        this.scheduler = scheduler;
        this.timeNs = timeNs;
        this.tieBreak = tieBreak;
        this.sequence = sequence;
        this.background = background;
        this.work = work;
    }

    /** Takes the task out; no effect when it has run or was cancelled before. */
    public void cancel() {
        if (work != null) {
            work = null;
            scheduler.onCancelled(this);
        }
    }

    /** Whether it still waits for its time. */
    public boolean pending() {
        return work != null;
    }

    long timeNs() {
        return timeNs;
    }

    long tieBreak() {
        return tieBreak;
    }

    /** Duty cycles of agents come back for ever and do not keep a simulation from being idle. */
    boolean background() {
        return background;
    }

    Runnable take() {
        final Runnable taken = work;
        work = null;
        return taken;
    }

    @Override
    public int compareTo(final ScheduledTask other) {
        int order = Long.compare(timeNs, other.timeNs);
        if (order == 0) {
            order = Long.compare(tieBreak, other.tieBreak);
        }
        return order == 0 ? Long.compare(sequence, other.sequence) : order;
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof ScheduledTask task && task.sequence == sequence && task.scheduler.equals(scheduler);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(sequence);
    }
}
