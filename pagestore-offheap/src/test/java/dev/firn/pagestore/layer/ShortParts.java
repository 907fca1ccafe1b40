package dev.firn.pagestore.layer;

import dev.firn.s3tier.store.StoreLimits;

/** Stores whose objects of more than a few bytes have several parts. */
public final class ShortParts {
    private ShortParts() {}

    /** The usual limits, with parts of one length, which is also the most that is put at once. */
    public static StoreLimits limits(final long partBytes) {
        final StoreLimits usual = StoreLimits.DEFAULT;
        return new StoreLimits(
                usual.requestsInFlight(),
                usual.bytesInFlight(),
                usual.queuedCalls(),
                usual.connections(),
                usual.memoryBytes(),
                partBytes,
                partBytes,
                partBytes,
                usual.attemptTimeoutNs(),
                usual.maxAttempts(),
                usual.backoffBaseNs(),
                usual.backoffCapNs(),
                usual.retryBudget(),
                usual.circuitFailures(),
                usual.circuitOpenNs(),
                usual.coalesceGapBytes());
    }
}
