package dev.firn.s3tier.store;

/**
 * The named limits of an object store: reached, they mean waiting or an outcome that says so, never unbounded memory.
 *
 * @param requestsInFlight most requests on their way to the store at once, over all sessions.
 * @param bytesInFlight most bytes of bodies and buffers on their way at once, over all sessions. One request may always go.
 * @param queuedCalls most calls of one session that are begun and not answered.
 * @param connections most connections to the store.
 * @param memoryBytes what the client library may hold of its own buffers.
 * @param maxPutBytes longest object that is written in one piece; a longer one is an upload of parts.
 * @param minPartBytes least length of every part but the last.
 * @param maxPartBytes greatest length of a part.
 * @param attemptTimeoutNs how long one attempt may take before it is given up and tried again.
 * @param maxAttempts how often one call is tried.
 * @param backoffBaseNs the first pause before another attempt is drawn from 0 to this; doubled each time.
 * @param backoffCapNs the longest pause.
 * @param retryBudget how many retries may be owed; each first attempt that succeeds pays a tenth of one back. With nothing left, failures are
 *     answered at once: retries must not become the load that keeps a store down.
 * @param circuitFailures so many attempts failed in a row, over all calls, open the circuit.
 * @param circuitOpenNs how long nothing is sent then; one attempt is sent afterwards to find out.
 * @param coalesceGapBytes ranges of one call with at most so many bytes between them are fetched together.
 */
public record StoreLimits(
        int requestsInFlight,
        long bytesInFlight,
        int queuedCalls,
        int connections,
        long memoryBytes,
        long maxPutBytes,
        long minPartBytes,
        long maxPartBytes,
        long attemptTimeoutNs,
        int maxAttempts,
        long backoffBaseNs,
        long backoffCapNs,
        int retryBudget,
        int circuitFailures,
        long circuitOpenNs,
        long coalesceGapBytes) {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long MILLISECOND_NS = 1_000_000L;

    public static final StoreLimits DEFAULT = new StoreLimits(
            256,
            512 * MIB,
            4_096,
            64,
            1_024 * MIB,
            64 * MIB,
            5 * MIB,
            1_024 * MIB,
            15_000 * MILLISECOND_NS,
            8,
            50 * MILLISECOND_NS,
            5_000 * MILLISECOND_NS,
            100,
            50,
            2_000 * MILLISECOND_NS,
            64 * KIB);

    public StoreLimits {
        requirePositive("requestsInFlight", requestsInFlight);
        requirePositive("bytesInFlight", bytesInFlight);
        requirePositive("queuedCalls", queuedCalls);
        requirePositive("connections", connections);
        requirePositive("memoryBytes", memoryBytes);
        requirePositive("maxPutBytes", maxPutBytes);
        requirePositive("minPartBytes", minPartBytes);
        requirePositive("attemptTimeoutNs", attemptTimeoutNs);
        requirePositive("maxAttempts", maxAttempts);
        requirePositive("backoffBaseNs", backoffBaseNs);
        requirePositive("retryBudget", retryBudget + 1L);
        requirePositive("circuitFailures", circuitFailures);
        requirePositive("circuitOpenNs", circuitOpenNs);
        requirePositive("coalesceGapBytes", coalesceGapBytes + 1L);
        if (maxPartBytes < minPartBytes) {
            throw new IllegalArgumentException(
                    "maxPartBytes " + maxPartBytes + " is less than minPartBytes " + minPartBytes);
        }
        if (backoffCapNs < backoffBaseNs) {
            throw new IllegalArgumentException(
                    "backoffCapNs " + backoffCapNs + " is less than backoffBaseNs " + backoffBaseNs);
        }
    }

    /** With so much on its way. */
    public StoreLimits withRequests(
            final int newRequestsInFlight, final long newBytesInFlight, final int newQueuedCalls) {
        return new StoreLimits(
                newRequestsInFlight,
                newBytesInFlight,
                newQueuedCalls,
                connections,
                memoryBytes,
                maxPutBytes,
                minPartBytes,
                maxPartBytes,
                attemptTimeoutNs,
                maxAttempts,
                backoffBaseNs,
                backoffCapNs,
                retryBudget,
                circuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }

    /** With a client library of this size. */
    public StoreLimits withClient(final int newConnections, final long newMemoryBytes) {
        return new StoreLimits(
                requestsInFlight,
                bytesInFlight,
                queuedCalls,
                newConnections,
                newMemoryBytes,
                maxPutBytes,
                minPartBytes,
                maxPartBytes,
                attemptTimeoutNs,
                maxAttempts,
                backoffBaseNs,
                backoffCapNs,
                retryBudget,
                circuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }

    /** With objects written in pieces of these lengths. */
    public StoreLimits withParts(final long newMaxPutBytes, final long newMinPartBytes, final long newMaxPartBytes) {
        return new StoreLimits(
                requestsInFlight,
                bytesInFlight,
                queuedCalls,
                connections,
                memoryBytes,
                newMaxPutBytes,
                newMinPartBytes,
                newMaxPartBytes,
                attemptTimeoutNs,
                maxAttempts,
                backoffBaseNs,
                backoffCapNs,
                retryBudget,
                circuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }

    /** With calls tried for so long, so often, and with these pauses. */
    public StoreLimits withAttempts(
            final long newAttemptTimeoutNs,
            final int newMaxAttempts,
            final long newBackoffBaseNs,
            final long newBackoffCapNs) {
        return new StoreLimits(
                requestsInFlight,
                bytesInFlight,
                queuedCalls,
                connections,
                memoryBytes,
                maxPutBytes,
                minPartBytes,
                maxPartBytes,
                newAttemptTimeoutNs,
                newMaxAttempts,
                newBackoffBaseNs,
                newBackoffCapNs,
                retryBudget,
                circuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }

    /** With so many failures that are borne. */
    public StoreLimits withRetries(final int newRetryBudget, final int newCircuitFailures) {
        return new StoreLimits(
                requestsInFlight,
                bytesInFlight,
                queuedCalls,
                connections,
                memoryBytes,
                maxPutBytes,
                minPartBytes,
                maxPartBytes,
                attemptTimeoutNs,
                maxAttempts,
                backoffBaseNs,
                backoffCapNs,
                newRetryBudget,
                newCircuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }

    private static void requirePositive(final String limit, final long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("the object store's limit " + limit + " is out of range: " + value);
        }
    }
}
