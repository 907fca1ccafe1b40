package dev.firn.walquorum.proposer;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;

/** What a proposer asks of the world around it. Messages may be lost. Arguments are borrowed for the length of the call. */
public interface ProposerPort {
    void sendVoteRequest(int destination, long term, long candidate, Membership membership);

    void sendTermStart(int destination, long candidate, TermHistory history, Membership membership);

    /**
     * Sends WAL from here on, as much as fits one message and its stream's window, up to {@code endLsn}; none when the two are
     * equal, which tells only what is committed.
     *
     * @param donor a node that has everything before {@code beginLsn}.
     * @return how many bytes were sent; 0 also when there was no room.
     */
    int sendAppend(int destination, long term, long beginLsn, long endLsn, long commitLsn, int donor);

    /** This proposer has won: WAL is wanted from here on. */
    void onElected(long term, long startLsn);

    /** A majority has flushed the log up to here. */
    void onCommitted(long lsn);

    /** Another term is under way: this proposer commits nothing more. */
    void onDeposed(long higherTerm);
}
