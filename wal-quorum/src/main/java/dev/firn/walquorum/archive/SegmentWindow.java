package dev.firn.walquorum.archive;

/**
 * Which segments are to be put into the archive next, by whom, and when: pure logic, told of time and of what has happened.
 *
 * <p>Each segment is one node's turn: the segment's number modulo the nodes. The others look whether it is there once it is among
 * the first that are missing, and put it themselves when that takes too long, one after the other. A node whose turn was taken over is late:
 * until something of its is found in time, its turns are taken over soon. A window of segments is under way at once, so that turns do
 * not wait for each other.
 */
final class SegmentWindow {
    /** How many segments beyond the first that is missing are looked at. */
    static final int SEGMENTS = 64;

    private static final long NONE = -1;

    private enum State {
        WAITING,
        BUSY,
        ARCHIVED
    }

    private final long checkNs;
    private final long takeOverNs;
    private final State[] states = new State[SEGMENTS];

    /** When each was first seen complete. */
    private final long[] seenNs = new long[SEGMENTS];

    /** When each came to be among the first, where its node is expected to be at work on it. */
    private final long[] ripeNs = new long[SEGMENTS];

    /** Not before this is anything tried with it. */
    private final long[] notBeforeNs = new long[SEGMENTS];

    /** The first segment that is not known to be archived. */
    private long first;

    /** One more than the last that is complete, and within the window. */
    private long end;

    /** One more than the last that is ripe. */
    private long ripeEnd;

    private int turn;
    private int nodes = 1;

    /** By turn: whether the node was late. */
    private boolean[] late = new boolean[1];

    SegmentWindow(final long first, final long checkNs, final long takeOverNs) {
        this.first = first;
        this.end = first;
        this.ripeEnd = first;
        this.checkNs = checkNs;
        this.takeOverNs = takeOverNs;
    }

    /**
     * Says whose turns are this node's.
     *
     * @param index from 0 to {@code count - 1}; negative for a node that only takes over.
     */
    void turns(final int index, final int count) {
        if (count < 1 || index >= count) {
            throw new IllegalArgumentException("there is no turn " + index + " of " + count);
        }
        turn = index;
        nodes = count;
        late = new boolean[count];
    }

    /** The first segment that is not known to be archived: all before are. */
    long first() {
        return first;
    }

    /** One more than the last segment that the window holds. */
    long end() {
        return end;
    }

    /** Lets the window reach so far, as it has room. */
    void completeUpTo(final long completeEnd, final long nowNs) {
        while (end < completeEnd && end < first + SEGMENTS) {
            final int at = at(end);
            states[at] = State.WAITING;
            seenNs[at] = nowNs;
            // Whose turn it is puts it at once; the others look for it a little later.
            notBeforeNs[at] = isMine(end) ? nowNs : nowNs + checkNs;
            end++;
        }
        ripen(nowNs);
    }

    /** Those that have come to be among the first are expected from now on. */
    void ripen(final long nowNs) {
        for (; ripeEnd < Math.min(end, first + nodes); ripeEnd++) {
            ripeNs[at(ripeEnd)] = nowNs;
        }
    }

    /** A segment that should be put now, or -1. */
    long toPut(final long nowNs) {
        for (long segment = first; segment < end; segment++) {
            final int at = at(segment);
            if (states[at] == State.WAITING && nowNs - notBeforeNs[at] >= 0 && isDue(segment, nowNs)) {
                return segment;
            }
        }
        return NONE;
    }

    /** A segment of another's turn that should be looked for now, or -1. */
    long toCheck(final long nowNs) {
        for (long segment = first; segment < ripeEnd; segment++) {
            final int at = at(segment);
            if (states[at] == State.WAITING && nowNs - notBeforeNs[at] >= 0 && !isDue(segment, nowNs)) {
                return segment;
            }
        }
        return NONE;
    }

    /** Something is done with it: it comes back with {@link #archived} or {@link #again}. */
    void busy(final long segment) {
        states[at(segment)] = State.BUSY;
    }

    /** It is not archived yet. */
    void again(final long segment, final long notBefore) {
        if (segment >= first) {
            states[at(segment)] = State.WAITING;
            notBeforeNs[at(segment)] = notBefore;
        }
    }

    /** It is in the archive, put by whoever. */
    void archived(final long segment) {
        if (segment < first) {
            return;
        }
        states[at(segment)] = State.ARCHIVED;
        while (first < end && states[at(first)] == State.ARCHIVED) {
            first++;
        }
        ripeEnd = Math.max(ripeEnd, first);
    }

    /** It was found there: whose turn it is does its part. */
    void found(final long segment) {
        late[holder(segment)] = false;
        archived(segment);
    }

    /** This node has put it. */
    void put(final long segment) {
        late[holder(segment)] = !isMine(segment);
        archived(segment);
    }

    /** How long the first segment that is not archived has been complete. */
    long lagNs(final long nowNs) {
        return first < end ? nowNs - seenNs[at(first)] : 0;
    }

    boolean isMine(final long segment) {
        return turn >= 0 && segment % nodes == turn;
    }

    private boolean isDue(final long segment, final long nowNs) {
        final int at = at(segment);
        if (isMine(segment)) {
            return true;
        }
        final int distance = turn < 0 ? nodes : (int) Math.floorMod(turn - segment, (long) nodes);
        if (late[holder(segment)]) {
            return nowNs - seenNs[at] >= distance * checkNs;
        }
        return segment < ripeEnd && nowNs - ripeNs[at] >= distance * takeOverNs;
    }

    private int holder(final long segment) {
        return (int) (segment % nodes);
    }

    private static int at(final long segment) {
        return (int) (segment % SEGMENTS);
    }
}
