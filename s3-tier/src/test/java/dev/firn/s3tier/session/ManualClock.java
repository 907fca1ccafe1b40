package dev.firn.s3tier.session;

import dev.firn.nativeio.seam.Clock;
import java.time.Duration;

/** Time that stands still until the test moves it. Begins shortly before {@code nanoTime} wraps around. */
final class ManualClock implements Clock {
    static final long EPOCH_START_NS = 1_767_225_600L * 1_000_000_000L;

    private long elapsedNs;

    @Override
    public long nanoTime() {
        return Long.MAX_VALUE - 1_000_000L + elapsedNs;
    }

    @Override
    public long epochNs() {
        return EPOCH_START_NS + elapsedNs;
    }

    void advance(final Duration by) {
        advanceNs(by.toNanos());
    }

    void advanceNs(final long ns) {
        elapsedNs += ns;
    }

    long elapsedNs() {
        return elapsedNs;
    }
}
