package dev.firn.transport.aeron;

import java.util.concurrent.atomic.AtomicLong;
import org.agrona.ErrorHandler;

/** Counts what Aeron's threads report and keeps the last of it; written by them, read from anywhere. */
final class TransportErrors implements ErrorHandler {
    private final AtomicLong count = new AtomicLong();
    private volatile Throwable last;

    @Override
    public void onError(final Throwable failure) {
        last = failure;
        count.incrementAndGet();
    }

    long count() {
        return count.get();
    }

    /** The last error, or null when there was none. */
    Throwable last() {
        return last;
    }
}
