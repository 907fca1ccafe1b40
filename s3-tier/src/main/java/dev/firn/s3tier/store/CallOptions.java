package dev.firn.s3tier.store;

import java.time.Duration;

/**
 * What one call may take.
 *
 * @param timeoutNs how long until its deadline; retries, and asking whether a write won, included.
 */
public record CallOptions(long timeoutNs) {
    public static final CallOptions DEFAULT = within(Duration.ofSeconds(60));

    public CallOptions {
        if (timeoutNs <= 0) {
            throw new IllegalArgumentException("a time-out of " + timeoutNs + " ns makes no sense");
        }
    }

    public static CallOptions within(final Duration timeout) {
        return new CallOptions(timeout.toNanos());
    }
}
