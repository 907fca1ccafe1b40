package dev.firn.walquorum.proposer;

import dev.firn.walquorum.term.TermHistory;

/** What a proposer knows of one acceptor. */
final class AcceptorProgress {
    final int node;
    final TermHistory votedHistory = new TermHistory();
    boolean hasVoted;
    long votedFlushedLsn;

    /** It follows the proposer's term, and {@link #flushedLsn} was said in that term. */
    boolean follows;

    long flushedLsn;

    /** What is sent next. */
    long nextLsn;

    long lastSentNs;
    long lastMovedNs;

    AcceptorProgress(final int node) {
        this.node = node;
    }

    void forget() {
        hasVoted = false;
        follows = false;
        flushedLsn = 0;
        nextLsn = 0;
        votedHistory.clear();
    }
}
