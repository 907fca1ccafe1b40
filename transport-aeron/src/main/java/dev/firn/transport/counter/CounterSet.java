package dev.firn.transport.counter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counters that one thread writes and any reads; counting allocates nothing.
 *
 * @param <C> the enum that names them.
 */
public final class CounterSet<C extends Enum<C> & CounterName> {
    private final C[] names;
    private final AtomicLongArray values;

    /** @param names all constants of the enum, in its order. */
    public CounterSet(final C[] names) {
        this.names = names.clone();
        this.values = new AtomicLongArray(names.length);
    }

    public long get(final C counter) {
        return values.get(counter.ordinal());
    }

    /** The sum from one counter to another, both included. */
    public long sum(final C first, final C last) {
        long sum = 0;
        for (int i = first.ordinal(); i <= last.ordinal(); i++) {
            sum += values.get(i);
        }
        return sum;
    }

    /** By the owner. */
    public void increment(final C counter) {
        add(counter, 1);
    }

    /** By the owner: one writer only, so an ordered store is enough. */
    public void add(final C counter, final long delta) {
        final int index = counter.ordinal();
        values.setRelease(index, values.getPlain(index) + delta);
    }

    /** All of them, for metrics. */
    public List<CounterReading> readings() {
        final List<CounterReading> readings = new ArrayList<>(names.length);
        for (final C name : names) {
            readings.add(new CounterReading(name.name().toLowerCase(Locale.ROOT), name.help(), get(name)));
        }
        return readings;
    }
}
