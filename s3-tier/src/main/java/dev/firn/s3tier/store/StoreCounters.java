package dev.firn.s3tier.store;

import java.util.concurrent.atomic.LongAdder;

/** What has happened in a store since it was opened. Counted by its sessions' threads, read by any: for the metrics. */
public final class StoreCounters {
    private final LongAdder calls = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder attempts = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder retriesDenied = new LongAdder();
    private final LongAdder throttled = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final LongAdder corruptions = new LongAdder();
    private final LongAdder circuitOpened = new LongAdder();
    private final LongAdder ambiguousWrites = new LongAdder();
    private final LongAdder ambiguousResolved = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();

    /** Calls begun. */
    public long calls() {
        return calls.sum();
    }

    /** Calls answered {@link Failed} or {@link PutOutcome.Unknown}. */
    public long failures() {
        return failures.sum();
    }

    /** Requests sent, each attempt counted. */
    public long attempts() {
        return attempts.sum();
    }

    /** Attempts that were not the first of their request. */
    public long retries() {
        return retries.sum();
    }

    /** Retries that {@link StoreLimits#retryBudget()} did not allow. */
    public long retriesDenied() {
        return retriesDenied.sum();
    }

    /** Attempts that the store answered with a request to slow down. */
    public long throttled() {
        return throttled.sum();
    }

    /** Attempts given up because they took too long. */
    public long timedOut() {
        return timedOut.sum();
    }

    /** Attempts whose bytes did not agree with their checksum. */
    public long corruptions() {
        return corruptions.sum();
    }

    /** How often the circuit went from closed to open. */
    public long circuitOpened() {
        return circuitOpened.sum();
    }

    /** Writes of which an attempt ended without saying whether it took effect. */
    public long ambiguousWrites() {
        return ambiguousWrites.sum();
    }

    /** Those of {@link #ambiguousWrites()} of which it was found out; the others were answered {@link PutOutcome.Unknown}. */
    public long ambiguousResolved() {
        return ambiguousResolved.sum();
    }

    /** Bytes of bodies handed to the store, retries included. */
    public long bytesSent() {
        return bytesSent.sum();
    }

    /** Bytes of objects read. */
    public long bytesReceived() {
        return bytesReceived.sum();
    }

    public void callBegun() {
        calls.increment();
    }

    public void callFailed() {
        failures.increment();
    }

    public void attemptBegun(final boolean retry, final long bodyBytes) {
        attempts.increment();
        bytesSent.add(bodyBytes);
        if (retry) {
            retries.increment();
        }
    }

    public void attemptFailed(final FailureKind kind) {
        switch (kind) {
            case THROTTLED -> throttled.increment();
            case TIMED_OUT -> timedOut.increment();
            case CORRUPT -> corruptions.increment();
            default -> {
                // Seen in the failures of calls, or made good by a retry.
            }
        }
    }

    public void retryDenied() {
        retriesDenied.increment();
    }

    public void circuitWasOpened() {
        circuitOpened.increment();
    }

    public void writeBecameAmbiguous() {
        ambiguousWrites.increment();
    }

    public void ambiguityResolved() {
        ambiguousResolved.increment();
    }

    public void received(final long bytes) {
        bytesReceived.add(bytes);
    }
}
