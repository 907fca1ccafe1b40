package dev.firn.walquorum.archive;

import java.lang.foreign.MemorySegment;

/**
 * Where an archiver gets a log's committed bytes from: one subscription, whose position the archiver sets as it needs. All methods
 * are called on the archiver's thread, and none blocks.
 */
public interface CommittedWal {
    /** The first byte that can still be read. Rises when the log is trimmed, or begins anew after the others have gone ahead. */
    long startLsn();

    /** Up to where the log is committed, as far as is known here. Never falls. */
    long committedLsn();

    /**
     * Wants the bytes of a range, from its first on. Replaces what was wanted before, of which nothing is handed over any more.
     *
     * @param fromLsn at least {@link #startLsn()}; when that rises above what is wanted, nothing more comes.
     * @param toLsn at most {@link #committedLsn()}.
     */
    void demand(long fromLsn, long toLsn);

    /** Nothing before this will be wanted again, and no range is wanted now: the subscription may move on. */
    void release(long lsn);

    /** Hands over what has come of the range, in order, each byte once; returns how much was done. */
    int poll(Handler handler);

    /** Takes committed bytes. */
    @FunctionalInterface
    interface Handler {
        /**
         * @param lsn of the first byte.
         * @param bytes borrowed for the call.
         * @return how many were taken, from the first on; the others are handed over again in a later poll.
         */
        int onCommitted(long lsn, MemorySegment bytes, long offset, int lengthBytes);
    }
}
