package dev.firn.walquorum.proposer;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;

/**
 * What a proposer asks of the world around it. Messages go to acceptors, named by their ids, and may be lost. Arguments are
 * borrowed for the length of the call.
 */
public interface ProposerPort {
    void sendVoteRequest(long acceptor, long term, long candidate, Membership membership);

    /** @param baseLsn from where on the history tells the log's terms. */
    void sendTermStart(long acceptor, long candidate, TermHistory history, long baseLsn, Membership membership);

    /**
     * Sends WAL from here on, as much as fits one message and its stream's window, up to {@code endLsn}; none when the two are
     * equal, which tells only what is committed.
     *
     * @param donor an acceptor that has everything before {@code beginLsn}.
     * @return how many bytes were sent; 0 also when there was no room.
     */
    int sendAppend(long acceptor, long term, long beginLsn, long endLsn, long commitLsn, long donor);

    /** This proposer has won: WAL is wanted from here on. */
    void onElected(long term, long startLsn);

    /** A majority has flushed the log up to here. */
    void onCommitted(long lsn);

    /**
     * Another term is under way, or a later membership: this proposer commits nothing more.
     *
     * @param higherTerm the term that was heard of; not higher when the membership is what has changed.
     */
    void onDeposed(long higherTerm);
}
