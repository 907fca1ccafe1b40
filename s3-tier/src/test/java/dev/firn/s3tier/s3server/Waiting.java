package dev.firn.s3tier.s3server;

import dev.firn.nativeio.seam.SystemClock;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting for something, and not for ever. */
final class Waiting {
    private static final long POLL_NS = Duration.ofMillis(20).toNanos();

    private Waiting() {}

    /** Waits until it holds; false when it does not within the time. */
    static <X extends Exception> boolean until(final Duration most, final Condition<X> condition) throws X {
        final long deadline = SystemClock.INSTANCE.nanoTime() + most.toNanos();
        while (!condition.holds()) {
            if (SystemClock.INSTANCE.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return true;
    }

    static void pause(final long durationNs) {
        final long deadline = SystemClock.INSTANCE.nanoTime() + durationNs;
        for (long left = durationNs; left > 0; left = deadline - SystemClock.INSTANCE.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    /** Something that comes to hold. */
    @FunctionalInterface
    interface Condition<X extends Exception> {
        boolean holds() throws X;
    }
}
