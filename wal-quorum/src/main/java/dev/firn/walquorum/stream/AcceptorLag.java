package dev.firn.walquorum.stream;

/**
 * How one acceptor stands with its proposer.
 *
 * @param isFollowing whether it has taken on the term.
 * @param flushedLsn how far it has said that its log is on disk; 0 when it has said nothing.
 * @param lagBytes what it lacks of what was appended.
 * @param silenceNs how long ago it was heard of; -1 when it never was.
 */
public record AcceptorLag(
        int node, long acceptorId, boolean isFollowing, long flushedLsn, long lagBytes, long silenceNs) {}
