package dev.firn.walquorum.log;

import java.util.Arrays;

/**
 * Where in the segments the bytes of each LSN stand: appended frames in the order of their LSNs.
 *
 * <p>28 bytes a frame, and frames are up to a mebibyte: a terabyte of log that is written in small commits of a block each
 * takes 7 GB of index, one of full frames 28 MB. Not thread-safe; allocates when it grows.
 */
final class FrameIndex {
    private static final int INITIAL_FRAMES = 1_024;

    private long[] beginLsns = new long[INITIAL_FRAMES];
    private long[] segments = new long[INITIAL_FRAMES];

    /** Where the payload begins in the segment. */
    private long[] offsets = new long[INITIAL_FRAMES];

    private int[] lengths = new int[INITIAL_FRAMES];

    private int count;

    void add(final long beginLsn, final int payloadBytes, final long segment, final long payloadOffset) {
        if (count == beginLsns.length) {
            makeRoom();
        }
        beginLsns[count] = beginLsn;
        segments[count] = segment;
        offsets[count] = payloadOffset;
        lengths[count] = payloadBytes;
        count++;
    }

    /** Forgets what begins at this LSN or later. */
    void cutAt(final long lsn) {
        while (count > 0 && beginLsns[count - 1] >= lsn) {
            count--;
        }
    }

    /** The frame that an LSN's byte is in, given that the log holds it; -1 when no frame begins at or before it. */
    int find(final long lsn) {
        final int at = Arrays.binarySearch(beginLsns, 0, count, lsn);
        return at >= 0 ? at : -at - 2;
    }

    long beginLsn(final int frame) {
        return beginLsns[frame];
    }

    /** How many bytes the frame holds; after a hand-over, more than the log still counts. */
    int payloadBytes(final int frame) {
        return lengths[frame];
    }

    /** Where the bytes end that the log still counts. */
    long endLsn(final int frame, final long logEndLsn) {
        final long next = frame + 1 < count ? beginLsns[frame + 1] : logEndLsn;
        return Math.min(Math.min(next, logEndLsn), beginLsns[frame] + lengths[frame]);
    }

    long segment(final int frame) {
        return segments[frame];
    }

    long payloadOffset(final int frame) {
        return offsets[frame];
    }

    int count() {
        return count;
    }

    private void makeRoom() {
        final int capacity = Math.multiplyExact(count, 2);
        beginLsns = Arrays.copyOf(beginLsns, capacity);
        segments = Arrays.copyOf(segments, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
    }
}
