package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Adds up the intervals of a recorder that forgets what it was asked for. Thread-safe. */
public final class LatencyTotal {
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int DIGITS = 2;

    private final Histogram total = new Histogram(LONGEST_NS, DIGITS);

    /** Adds what was recorded since the last time. */
    public synchronized void add(final Supplier<Histogram> takeInterval) {
        total.add(takeInterval.get());
    }

    public synchronized ObjectNode document() {
        return LatencyDocument.of(total);
    }
}
