package dev.firn.nativeio.seam;

import java.time.Instant;

/** The host's clocks: the one place that reads them. */
public final class SystemClock implements Clock {
    public static final SystemClock INSTANCE = new SystemClock();

    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private SystemClock() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long epochNs() {
        final Instant now = Instant.now();
        return now.getEpochSecond() * NANOS_A_SECOND + now.getNano();
    }
}
