package dev.firn.bench.meter;

import org.HdrHistogram.Histogram;

/** Latencies of one thread: sized at construction, no allocation afterwards. Longer than a minute counts as a minute. */
public final class LatencyRecorder {
    private static final long HIGHEST_NS = 60_000_000_000L;
    // Two digits from 100 ns on: the counts stay in the cache, and 1 % is finer than any run repeats.
    private static final long LOWEST_NS = 100;
    private static final int DIGITS = 2;

    private final Histogram histogram = new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);

    public void record(final long latencyNs) {
        histogram.recordValue(Math.clamp(latencyNs, 0, HIGHEST_NS));
    }

    public void reset() {
        histogram.reset();
    }

    public void add(final LatencyRecorder other) {
        histogram.add(other.histogram);
    }

    public long count() {
        return histogram.getTotalCount();
    }

    public long percentileNs(final double percentile) {
        return histogram.getValueAtPercentile(percentile);
    }
}
