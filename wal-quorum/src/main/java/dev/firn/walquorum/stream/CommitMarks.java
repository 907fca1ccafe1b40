package dev.firn.walquorum.stream;

import org.HdrHistogram.SingleWriterRecorder;

/**
 * When which byte was appended, to know how long it took to be committed. When more appends are on the way than there are marks,
 * the last mark stands for several and has the time of the first of them.
 */
final class CommitMarks {
    private static final int COUNT = 4_096;
    private static final int MASK = COUNT - 1;

    private final long[] lsns = new long[COUNT];
    private final long[] timesNs = new long[COUNT];
    private final SingleWriterRecorder latency;
    private final long longestNs;
    private long head;
    private long tail;

    /** @param longestNs what takes longer is recorded as this. */
    CommitMarks(final SingleWriterRecorder latency, final long longestNs) {
        this.latency = latency;
        this.longestNs = longestNs;
    }

    void clear() {
        head = tail;
    }

    void appended(final long endLsn, final long nowNs) {
        if (tail - head == COUNT) {
            lsns[(int) (tail - 1) & MASK] = endLsn;
            return;
        }
        final int at = (int) tail & MASK;
        lsns[at] = endLsn;
        timesNs[at] = nowNs;
        tail++;
    }

    void committed(final long lsn, final long nowNs) {
        while (head < tail && lsns[(int) head & MASK] <= lsn) {
            latency.recordValue(Math.clamp(nowNs - timesNs[(int) head & MASK], 0, longestNs));
            head++;
        }
    }
}
