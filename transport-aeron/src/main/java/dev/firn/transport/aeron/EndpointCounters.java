package dev.firn.transport.aeron;

import java.util.concurrent.atomic.AtomicLongArray;

/** One endpoint's counters: written by its owner alone, read from any thread. */
public final class EndpointCounters {
    private final AtomicLongArray values = new AtomicLongArray(EndpointCounter.values().length);

    EndpointCounters() {}

    public long get(final EndpointCounter counter) {
        return values.get(counter.ordinal());
    }

    /** All dropped frames, whatever the reason. */
    public long dropped() {
        long sum = 0;
        for (int i = EndpointCounter.DROPPED_TOO_SHORT.ordinal(); i < values.length(); i++) {
            sum += values.get(i);
        }
        return sum;
    }

    void increment(final EndpointCounter counter) {
        add(counter, 1);
    }

    /** One writer only, so an ordered store is enough. */
    void add(final EndpointCounter counter, final long delta) {
        final int index = counter.ordinal();
        values.setRelease(index, values.getPlain(index) + delta);
    }
}
