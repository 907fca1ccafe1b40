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

    private int first;
    private int end;

    void add(final long beginLsn, final int payloadBytes, final long segment, final long payloadOffset) {
        if (end == beginLsns.length) {
            makeRoom();
        }
        beginLsns[end] = beginLsn;
        segments[end] = segment;
        offsets[end] = payloadOffset;
        lengths[end] = payloadBytes;
        end++;
    }

    /** Forgets what begins at this LSN or later. */
    void cutAt(final long lsn) {
        while (end > first && beginLsns[end - 1] >= lsn) {
            end--;
        }
    }

    /** The frame that an LSN's byte is in, given that the log holds it; -1 when no frame begins at or before it. */
    int find(final long lsn) {
        final int at = Arrays.binarySearch(beginLsns, first, end, lsn);
        final int frame = at >= 0 ? at : -at - 2;
        return frame < first ? -1 : frame;
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
        final long next = frame + 1 < end ? beginLsns[frame + 1] : logEndLsn;
        return Math.min(Math.min(next, logEndLsn), beginLsns[frame] + lengths[frame]);
    }

    long segment(final int frame) {
        return segments[frame];
    }

    long payloadOffset(final int frame) {
        return offsets[frame];
    }

    int count() {
        return end - first;
    }

    private void makeRoom() {
        final int count = end - first;
        final int capacity = count > beginLsns.length / 2 ? Math.multiplyExact(beginLsns.length, 2) : beginLsns.length;
        beginLsns = moved(beginLsns, capacity);
        segments = moved(segments, capacity);
        offsets = moved(offsets, capacity);
        final int[] newLengths = new int[capacity];
        System.arraycopy(lengths, first, newLengths, 0, count);
        lengths = newLengths;
        first = 0;
        end = count;
    }

    private long[] moved(final long[] from, final int capacity) {
        final long[] to = new long[capacity];
        System.arraycopy(from, first, to, 0, end - first);
        return to;
    }
}
