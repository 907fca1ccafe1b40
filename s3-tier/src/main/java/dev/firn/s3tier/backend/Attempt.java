package dev.firn.s3tier.backend;

import java.util.concurrent.atomic.AtomicReference;

/**
 * One try of one request: made by the session, handed to {@link StoreBackend#begin}, completed by the backend, and given back
 * to its session through the queue that {@link Completions} stands for.
 */
public final class Attempt {
    private final AttemptRequest request;
    private final long deadlineNs;
    private final Completions completions;
    private final AtomicReference<AttemptResult> result = new AtomicReference<>();

    /** What the backend needs to find its own state of this attempt: set in begin, read in cancel. */
    private volatile Object backendState;

    /**
     * @param deadlineNs when the session will ask to cancel it, by its clock's {@code nanoTime}: a hint for time-outs of the
     *     backend's own.
     */
    public Attempt(final AttemptRequest request, final long deadlineNs, final Completions completions) {
        this.request = request;
        this.deadlineNs = deadlineNs;
        this.completions = completions;
    }

    public AttemptRequest request() {
        return request;
    }

    public long deadlineNs() {
        return deadlineNs;
    }

    /**
     * Says what became of it: the last thing that a backend does with an attempt.
     *
     * @throws IllegalStateException when it has been completed already.
     */
    public void complete(final AttemptResult outcome) {
        if (!result.compareAndSet(null, outcome)) {
            throw new IllegalStateException(
                    "an attempt is completed once: " + request + " has " + result.get() + ", not " + outcome);
        }
        completions.onCompleted(this);
    }

    /** Null until it is completed. */
    public AttemptResult result() {
        return result.get();
    }

    public void backendState(final Object state) {
        backendState = state;
    }

    public Object backendState() {
        return backendState;
    }

    /** Where completed attempts go: called from any thread, never blocks. */
    @FunctionalInterface
    public interface Completions {
        void onCompleted(Attempt attempt);
    }
}
