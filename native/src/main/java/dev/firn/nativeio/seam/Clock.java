package dev.firn.nativeio.seam;

import org.agrona.concurrent.NanoClock;

/** Time as the program sees it: injected everywhere, so that a simulation can hold it, jump it and let it run. */
public interface Clock extends NanoClock {
    /** Monotonic nanoseconds from an arbitrary origin: for durations and deadlines. */
    @Override
    long nanoTime();

    /** Nanoseconds since 1970-01-01T00:00:00Z: for showing and storing; may jump. */
    long epochNs();
}
