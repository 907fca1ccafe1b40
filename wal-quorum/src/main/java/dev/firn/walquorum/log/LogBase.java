package dev.firn.walquorum.log;

import dev.firn.walquorum.term.TermHistory;

/**
 * The state of a log at the beginning of a segment: what recovery needs to go on from there. The control file holds one, and
 * the log remembers one for each of its segments, of which the next one comes when it is trimmed.
 *
 * @param segment whose first frame comes next.
 * @param isWritten whether that segment has frames; not so for a log that was just made or has begun anew.
 * @param lsn where the log ends there.
 * @param sequence of the segment's first frame.
 * @param previousCrc what that frame names as the checksum of the one before.
 * @param term the term that the log follows there; 0 for none.
 * @param history of the log there; never changed.
 */
record LogBase(
        long segment, boolean isWritten, long lsn, long sequence, int previousCrc, long term, TermHistory history) {
    static LogBase first(final long startLsn) {
        return new LogBase(0, false, startLsn, 0, 0, 0, new TermHistory());
    }
}
