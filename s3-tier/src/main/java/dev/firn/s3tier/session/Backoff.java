package dev.firn.s3tier.session;

import dev.firn.s3tier.store.StoreLimits;

/**
 * How long to wait before another attempt: "full jitter", uniform between nothing and a ceiling that doubles with each
 * failure up to a cap. It spreads callers that failed together better than a fixed pause with some noise. What the
 * store asks for (Retry-After) comes on top; the sum stays within the cap.
 */
final class Backoff {
    private final long baseNs;
    private final long capNs;
    private final Randomness random;

    Backoff(final StoreLimits limits, final Randomness random) {
        this.baseNs = limits.backoffBaseNs();
        this.capNs = limits.backoffCapNs();
        this.random = random;
    }

    /**
     * @param attempts how many have been made, at least 1.
     * @param retryAfterNs what the store asks for, or 0.
     */
    long pauseNs(final int attempts, final long retryAfterNs) {
        final long asked = Math.clamp(retryAfterNs, 0, capNs);
        return Math.min(capNs, asked + random.upTo(ceilingNs(attempts)));
    }

    private long ceilingNs(final int attempts) {
        final int doublings = attempts - 1;
        return doublings >= Long.numberOfLeadingZeros(baseNs) - 1 ? capNs : Math.min(capNs, baseNs << doublings);
    }
}
