package dev.firn.pagestore.upkeep;

import java.util.ArrayDeque;

/**
 * When a timeline was at which LSN, as far back as the history window and no finer than a part of it: says from which LSN on reads must be answered.
 * Not durable: after a start the window begins to be counted anew, and more is kept than must be.
 */
final class History {
    /** Into so many parts a window is divided. */
    private static final int PARTS = 256;

    private final long windowNs;
    private final ArrayDeque<long[]> marks = new ArrayDeque<>();
    private long oldestLsn;

    History(final long windowNs) {
        this.windowNs = windowNs;
    }

    /** At this time all up to this LSN had happened. */
    void mark(final long epochNs, final long lsn) {
        final long[] last = marks.peekLast();
        if (last == null || epochNs - last[0] >= windowNs / PARTS) {
            marks.add(new long[] {epochNs, lsn});
        }
    }

    /** What was the newest LSN when the window began; 0 when that is not known. */
    long oldestLsn(final long nowEpochNs) {
        while (!marks.isEmpty() && nowEpochNs - marks.peekFirst()[0] >= windowNs) {
            oldestLsn = marks.poll()[1];
        }
        return oldestLsn;
    }
}
