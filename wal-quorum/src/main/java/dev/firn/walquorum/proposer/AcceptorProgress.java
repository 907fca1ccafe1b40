package dev.firn.walquorum.proposer;

import dev.firn.walquorum.term.TermHistory;

/** What a proposer knows of one acceptor. */
final class AcceptorProgress {
    static final long NOTHING = -1;

    final long id;
    final TermHistory votedHistory = new TermHistory();
    boolean hasVoted;
    long votedStartLsn;
    long votedFlushedLsn;

    /** It follows the proposer's term, and {@link #flushedLsn} was said in that term. */
    boolean follows;

    long receivedLsn;
    long flushedLsn;

    /** When it answered last, in this proposer's life. */
    long lastHeardNs;

    /** What is sent next. */
    long nextLsn;

    long lastSentNs;
    long lastMovedNs;
    long lastWentBackNs;

    /** From where on it lacked something that was sent, when it last said so. */
    long missingFromLsn = NOTHING;

    AcceptorProgress(final long id) {
        this.id = id;
    }

    void forget() {
        hasVoted = false;
        follows = false;
        receivedLsn = 0;
        flushedLsn = 0;
        nextLsn = 0;
        missingFromLsn = NOTHING;
        votedHistory.clear();
    }
}
