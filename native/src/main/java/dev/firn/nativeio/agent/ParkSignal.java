package dev.firn.nativeio.agent;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * For a thread of which everybody who has work for it unparks it ({@link LockSupport#unpark}) after he has put the work there. An
 * unpark that comes before the sleep ends it at once, so none is lost; the sleep has an end all the same.
 */
public final class ParkSignal implements WorkSignal {
    private final Object blocker;
    private final LongSupplier longestNs;

    /**
     * @param blocker what thread dumps show as waited for.
     * @param longestNs after how many nanoseconds the thread looks without a signal; asked on the thread, each time.
     */
    public ParkSignal(final Object blocker, final LongSupplier longestNs) {
        this.blocker = blocker;
        this.longestNs = longestNs;
    }

    /** Nothing to do: an unpark is kept whether the thread sleeps or not. */
    @Override
    public void arm() {
        // See above.
    }

    @Override
    public void await() {
        LockSupport.parkNanos(blocker, longestNs.getAsLong());
    }

    /** An unpark that came while the thread was awake ends its next sleep early, once. */
    @Override
    public void disarm() {
        // See above.
    }
}
