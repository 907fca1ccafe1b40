package dev.firn.transport.aeron;

import dev.firn.transport.counter.CounterReading;
import dev.firn.transport.counter.CounterSet;
import java.util.List;

/** One endpoint's counters: written by its owner alone, read from any thread. */
public final class EndpointCounters {
    private final CounterSet<EndpointCounter> values = new CounterSet<>(EndpointCounter.values());

    EndpointCounters() {}

    public long get(final EndpointCounter counter) {
        return values.get(counter);
    }

    /** All dropped frames, whatever the reason. */
    public long dropped() {
        return values.sum(EndpointCounter.DROPPED_TOO_SHORT, EndpointCounter.DROPPED_STALE_HANDSHAKE);
    }

    /** All of them, for metrics. */
    public List<CounterReading> readings() {
        return values.readings();
    }

    void increment(final EndpointCounter counter) {
        values.increment(counter);
    }

    void add(final EndpointCounter counter, final long delta) {
        values.add(counter, delta);
    }
}
