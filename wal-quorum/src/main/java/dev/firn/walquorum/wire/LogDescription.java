package dev.firn.walquorum.wire;

import dev.firn.walquorum.term.Membership;

/**
 * What a node has of a log.
 *
 * @param acceptorId 0 when the node has no such log; then nothing else but the log's id means anything.
 * @param membership of the highest generation that the acceptor took on.
 * @param archivedLsn up to where it knows the archive to have the log.
 */
public record LogDescription(
        LogSpec spec,
        long acceptorId,
        long promisedTerm,
        long followedTerm,
        long startLsn,
        long flushedLsn,
        long committedLsn,
        long archivedLsn,
        Membership membership) {
    /** The node's answer when it has no such log. */
    public static LogDescription none(final long logId) {
        return new LogDescription(new LogSpec(logId, "", 0, 0, 0, 0), 0, 0, 0, 0, 0, 0, 0, Membership.NONE);
    }

    public boolean isThere() {
        return acceptorId != 0;
    }
}
