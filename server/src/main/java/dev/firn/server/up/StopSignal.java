package dev.firn.server.up;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into a request that the main thread answers in its own time, and ends the process with the exit
 * code that it then gives: the JVM by itself would answer 130 or 143.
 */
public final class StopSignal {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Duration limit;
    private volatile int exitCode = 1;

    private StopSignal(final Duration limit) {
        this.limit = limit;
    }

    /**
     * @param limit how long a stop may take from the signal on; the process ends then, whatever still runs.
     */
    public static StopSignal install(final Duration limit) {
        final StopSignal signal = new StopSignal(limit);
        Runtime.getRuntime().addShutdownHook(new Thread(signal::shutDown, "firn-stop"));
        return signal;
    }

    /** Asks for the stop, as a signal would; the process does not end by itself then. */
    public void request() {
        requested.countDown();
    }

    /** Waits for the request; false when the time is over. */
    public boolean await(final Duration time) throws InterruptedException {
        return requested.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether it has come. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** The main thread's last word: all is stopped, and the process may end with this code. */
    public void finish(final int code) {
        exitCode = code;
        finished.countDown();
    }

    private void shutDown() {
        requested.countDown();
        try {
            if (!finished.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("firn: the stop took over " + limit.toSeconds()
                        + " s: ending without it; nothing acknowledged is lost");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(exitCode);
    }
}
