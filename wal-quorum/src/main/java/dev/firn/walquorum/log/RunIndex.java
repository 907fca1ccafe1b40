package dev.firn.walquorum.log;

import java.util.Arrays;

/**
 * Where in the segments the bytes of each LSN stand: runs of appended frames that follow one another on disk, in the order of
 * their LSNs. One read takes a whole run.
 *
 * <p>40 bytes a run. Neighbouring runs of a segment are longer than one read buffer together, so with buffers of 256 KiB a terabyte
 * of log takes at most 320 MB of index. Not thread-safe; allocates when it grows.
 */
final class RunIndex {
    private static final int INITIAL_RUNS = 1_024;

    private final int maxRunBytes;

    private long[] beginLsns = new long[INITIAL_RUNS];
    private long[] endLsns = new long[INITIAL_RUNS];
    private long[] segments = new long[INITIAL_RUNS];

    /** Where the first frame begins in the segment. */
    private long[] offsets = new long[INITIAL_RUNS];

    /** How much of the disk the run takes. */
    private int[] lengths = new int[INITIAL_RUNS];

    private int first;
    private int end;

    /** @param maxRunBytes how much one read takes; a frame is not longer. */
    RunIndex(final int maxRunBytes) {
        this.maxRunBytes = maxRunBytes;
    }

    /** A frame of bytes was appended. */
    void add(final long beginLsn, final int payloadBytes, final long segment, final long offset) {
        final int length = FrameLayout.alignedBytes(payloadBytes);
        final int last = end - 1;
        if (end > first
                && segments[last] == segment
                && offsets[last] + lengths[last] == offset
                && endLsns[last] == beginLsn
                && lengths[last] + length <= maxRunBytes) {
            endLsns[last] += payloadBytes;
            lengths[last] += length;
            return;
        }
        if (end == beginLsns.length) {
            makeRoom();
        }
        beginLsns[end] = beginLsn;
        endLsns[end] = beginLsn + payloadBytes;
        segments[end] = segment;
        offsets[end] = offset;
        lengths[end] = length;
        end++;
    }

    /** Forgets bytes from this LSN on. */
    void cutAt(final long lsn) {
        while (end > first && beginLsns[end - 1] >= lsn) {
            end--;
        }
        if (end > first) {
            endLsns[end - 1] = Math.min(endLsns[end - 1], lsn);
        }
    }

    /** Forgets what stands in segments before this one. */
    void dropBelow(final long segment) {
        while (first < end && segments[first] < segment) {
            first++;
        }
    }

    void clear() {
        first = 0;
        end = 0;
    }

    /** The run that an LSN's byte is in; -1 when there is none. */
    int find(final long lsn) {
        final int at = Arrays.binarySearch(beginLsns, first, end, lsn);
        final int run = at >= 0 ? at : -at - 2;
        return run < first || lsn >= endLsns[run] ? -1 : run;
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Where the first byte is; only when there is one. */
    long startLsn() {
        return beginLsns[first];
    }

    long beginLsn(final int run) {
        return beginLsns[run];
    }

    /** Where the run's bytes end that the log counts; its last frame may hold more, which a hand-over cut off. */
    long endLsn(final int run) {
        return endLsns[run];
    }

    long segment(final int run) {
        return segments[run];
    }

    long offset(final int run) {
        return offsets[run];
    }

    /** How much of the disk the run takes. */
    int lengthBytes(final int run) {
        return lengths[run];
    }

    int count() {
        return end - first;
    }

    private void makeRoom() {
        final int count = end - first;
        final int capacity = count > beginLsns.length / 2 ? Math.multiplyExact(beginLsns.length, 2) : beginLsns.length;
        beginLsns = moved(beginLsns, count, capacity);
        endLsns = moved(endLsns, count, capacity);
        segments = moved(segments, count, capacity);
        offsets = moved(offsets, count, capacity);
        final int[] newLengths = capacity == lengths.length ? lengths : new int[capacity];
        System.arraycopy(lengths, first, newLengths, 0, count);
        lengths = newLengths;
        first = 0;
        end = count;
    }

    private long[] moved(final long[] from, final int count, final int capacity) {
        final long[] to = capacity == from.length ? from : new long[capacity];
        System.arraycopy(from, first, to, 0, count);
        return to;
    }
}
