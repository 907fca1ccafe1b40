package dev.firn.pagestore.service;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * How long one kind of thing takes in a {@link PageService}, in nanoseconds. The service's thread records, without allocating or waiting; any one
 * other thread at a time reads.
 */
public final class ServiceLatency {
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final int DIGITS = 2;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(1, LONGEST_NS, DIGITS);

    ServiceLatency() {}

    /** What was recorded since this was called last. The caller's own from then on. */
    public synchronized Histogram takeInterval() {
        return recorder.getIntervalHistogram();
    }

    void record(final long durationNs) {
        recorder.recordValue(Math.clamp(durationNs, 1, LONGEST_NS));
    }
}
