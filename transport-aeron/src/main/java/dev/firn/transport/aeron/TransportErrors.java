package dev.firn.transport.aeron;

import io.aeron.exceptions.AeronException;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.ErrorHandler;

/** Counts what Aeron's threads report and keeps the last of it; written by them, read from anywhere. */
final class TransportErrors implements ErrorHandler {
    private final AtomicLong count = new AtomicLong();
    private volatile Throwable last;

    /** What ended Aeron's client, or null. */
    private volatile AeronException fatal;

    @Override
    public void onError(final Throwable failure) {
        last = failure;
        if (fatal == null
                && failure instanceof final AeronException e
                && e.category() == AeronException.Category.FATAL) {
            fatal = e;
        }
        count.incrementAndGet();
    }

    /** What ended Aeron's client: it is of no use any more. Null while it serves. */
    AeronException fatal() {
        return fatal;
    }

    long count() {
        return count.get();
    }

    /** The last error, or null when there was none. */
    Throwable last() {
        return last;
    }
}
