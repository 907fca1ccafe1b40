package dev.firn.nativeio.simulation;

import dev.firn.nativeio.seam.Clock;

/**
 * One host's clocks over the scheduler's time: a monotonic one that runs a little too fast or too slow, and a wall clock
 * that is off and may jump.
 */
public final class SimulatedClock implements Clock {
    /** Virtual time 0 on a correct wall clock: 2026-01-01T00:00:00Z. */
    public static final long EPOCH_START_NS = 1_767_225_600L * 1_000_000_000L;

    /** Largest drift: a clock that runs twice as fast, or stands still. */
    public static final long MAX_DRIFT_PPB = 1_000_000_000L;

    private static final long BILLION = 1_000_000_000L;

    private final Scheduler scheduler;
    private long anchorNowNs;
    private long anchorNanoTime;
    private long driftPpb;
    private long wallOffsetNs;

    /**
     * @param originNs what {@link #nanoTime} shows now.
     * @param driftPpb how many nanoseconds it gains a second; negative when it loses.
     * @param wallOffsetNs how far {@link #epochNs} is ahead of true time.
     */
    public SimulatedClock(
            final Scheduler scheduler, final long originNs, final long driftPpb, final long wallOffsetNs) {
        this.scheduler = scheduler;
        this.anchorNowNs = scheduler.nowNs();
        this.anchorNanoTime = originNs;
        this.wallOffsetNs = wallOffsetNs;
        setDrift(driftPpb);
    }

    @Override
    public long nanoTime() {
        final long elapsedNs = scheduler.nowNs() - anchorNowNs;
        // Split, so that the product does not overflow within years of virtual time.
        final long gainedNs = (elapsedNs / BILLION) * driftPpb + (elapsedNs % BILLION) * driftPpb / BILLION;
        return anchorNanoTime + elapsedNs + gainedNs;
    }

    @Override
    public long epochNs() {
        return EPOCH_START_NS + scheduler.nowNs() + wallOffsetNs;
    }

    /** Makes the wall clock jump, back when negative; {@link #nanoTime} does not notice. */
    public void jump(final long deltaNs) {
        wallOffsetNs += deltaNs;
    }

    /** Changes the rate of {@link #nanoTime} from now on. */
    public void setDrift(final long ppb) {
        if (ppb < -MAX_DRIFT_PPB || ppb > MAX_DRIFT_PPB) {
            throw new IllegalArgumentException("drift " + ppb + " is not within ±" + MAX_DRIFT_PPB + " ns a second");
        }
        anchorNanoTime = nanoTime();
        anchorNowNs = scheduler.nowNs();
        driftPpb = ppb;
    }
}
