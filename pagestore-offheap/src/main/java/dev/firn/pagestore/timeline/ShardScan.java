package dev.firn.pagestore.timeline;

import java.lang.foreign.MemorySegment;

/** A scan on its way in a shard. */
abstract sealed class ShardScan permits KeyedScan, CommitTimeScan {
    private final long token;
    private boolean abandoned;
    private EntryScan scan;
    private String noRoom;

    ShardScan(final long token) {
        this.token = token;
    }

    /** What it goes over; once, at the end of construction. */
    final void over(final EntryScan entries) {
        scan = entries;
    }

    final long token() {
        return token;
    }

    /** Nobody wants to hear of it any more. */
    final void abandon() {
        abandoned = true;
    }

    final boolean isAbandoned() {
        return abandoned;
    }

    /** Goes on; returns how much was done. */
    final int work(final int limit) {
        if (state() != EntryScan.State.GOING) {
            return 0;
        }
        try {
            final int done = scan.work(limit);
            if (scan.state() == EntryScan.State.DONE) {
                onDone();
            }
            return done;
        } catch (final NoScanRoomException e) {
            noRoom = e.getMessage();
            return 1;
        }
    }

    /** All entries have been seen, or as many as were wanted. */
    abstract void onDone();

    final EntryScan.State state() {
        return noRoom == null ? scan.state() : EntryScan.State.FAILED;
    }

    final boolean isDamaged() {
        return scan.isDamaged();
    }

    final String failure() {
        return noRoom == null ? scan.failure() : noRoom;
    }

    /** The answer, once done. */
    abstract MemorySegment bytes();

    abstract int lengthBytes();

    void close() {
        scan.close();
    }
}
