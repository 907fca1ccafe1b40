package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;

/**
 * What an acceptor finds on its disk when it starts.
 *
 * @param promisedTerm the highest term that it ever answered; 0 at first.
 * @param candidate who has its vote in that term; 0 when nobody has.
 * @param membership of the highest generation that it took on; {@link Membership#NONE} at first.
 * @param followedTerm the last term that its log was handed to; 0 when none was.
 * @param history of its log.
 * @param startLsn where its log begins.
 * @param flushedLsn where it ends.
 */
public record AcceptorState(
        long promisedTerm,
        long candidate,
        Membership membership,
        long followedTerm,
        TermHistory history,
        long startLsn,
        long flushedLsn) {
    /** An acceptor that has seen nothing, of a log that begins here. */
    public static AcceptorState empty(final long startLsn) {
        return new AcceptorState(0, 0, Membership.NONE, 0, new TermHistory(), startLsn, startLsn);
    }
}
