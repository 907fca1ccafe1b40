package dev.firn.walquorum.node;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * How long bytes take from being taken to being durable, in nanoseconds. The node's thread records, without allocating or
 * waiting; any one other thread at a time reads.
 */
public final class FlushLatency {
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final int DIGITS = 2;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(1, LONGEST_NS, DIGITS);

    /** What was recorded since this was called last. The caller's own from then on. */
    public synchronized Histogram takeInterval() {
        return recorder.getIntervalHistogram();
    }

    void record(final long durationNs) {
        recorder.recordValue(Math.clamp(durationNs, 1, LONGEST_NS));
    }
}
