package dev.firn.tuning.profile;

import dev.firn.nativeio.seam.Clock;

/** 2026-11-21T08:00:00Z, always. */
enum FixedClock implements Clock {
    INSTANCE;

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public long epochNs() {
        return 1_795_248_000L * 1_000_000_000L;
    }
}
