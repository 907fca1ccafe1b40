package dev.firn.s3tier.session;

import dev.firn.s3tier.store.StoreLimits;

/** Limits of tests: the usual ones, but for those that the test is about. */
final class LimitsBuilder {
    private int requestsInFlight = 64;
    private long bytesInFlight = 1 << 20;
    private int queuedCalls = 64;
    private long minPartBytes = 512;
    private long attemptTimeoutNs = 5_000_000_000L;
    private int maxAttempts = 4;
    private long backoffBaseNs = 10_000_000L;
    private long backoffCapNs = 1_000_000_000L;
    private int retryBudget = 100;
    private int circuitFailures = 1_000;
    private long circuitOpenNs = 2_000_000_000L;
    private long coalesceGapBytes = 256;

    LimitsBuilder requestsInFlight(final int value) {
        requestsInFlight = value;
        return this;
    }

    LimitsBuilder bytesInFlight(final long value) {
        bytesInFlight = value;
        return this;
    }

    LimitsBuilder queuedCalls(final int value) {
        queuedCalls = value;
        return this;
    }

    LimitsBuilder attemptTimeoutNs(final long value) {
        attemptTimeoutNs = value;
        return this;
    }

    LimitsBuilder maxAttempts(final int value) {
        maxAttempts = value;
        return this;
    }

    LimitsBuilder backoffNs(final long base, final long cap) {
        backoffBaseNs = base;
        backoffCapNs = cap;
        return this;
    }

    LimitsBuilder retryBudget(final int value) {
        retryBudget = value;
        return this;
    }

    LimitsBuilder circuit(final int failures, final long openNs) {
        circuitFailures = failures;
        circuitOpenNs = openNs;
        return this;
    }

    LimitsBuilder coalesceGapBytes(final long value) {
        coalesceGapBytes = value;
        return this;
    }

    LimitsBuilder minPartBytes(final long value) {
        minPartBytes = value;
        return this;
    }

    StoreLimits build() {
        return new StoreLimits(
                requestsInFlight,
                bytesInFlight,
                queuedCalls,
                8,
                1 << 20,
                64 << 10,
                minPartBytes,
                64 << 10,
                attemptTimeoutNs,
                maxAttempts,
                backoffBaseNs,
                backoffCapNs,
                retryBudget,
                circuitFailures,
                circuitOpenNs,
                coalesceGapBytes);
    }
}
