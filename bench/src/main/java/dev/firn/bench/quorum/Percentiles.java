package dev.firn.bench.quorum;

import dev.firn.bench.meter.LatencyRecorder;
import java.util.Locale;

/** Of one distribution of times, in nanoseconds. */
record Percentiles(long p50Ns, long p99Ns, long p999Ns) {
    static Percentiles of(final LatencyRecorder recorder) {
        return new Percentiles(recorder.percentileNs(50), recorder.percentileNs(99), recorder.percentileNs(99.9));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "p50 %.0f µs, p99 %.0f µs, p99.9 %.0f µs", p50Ns / 1e3, p99Ns / 1e3, p999Ns / 1e3);
    }
}
