package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;

/**
 * What an acceptor asks of the world around it. Messages may be lost; writes are done in the order in which they were asked for,
 * and each completes, or the process ends.
 *
 * <p>Arguments are borrowed for the length of the call.
 */
public interface AcceptorPort {
    /** Makes the promise durable, then calls {@link Acceptor#onPromiseDurable}. One at a time. */
    void writePromise(long term, long candidate, Membership membership);

    /**
     * Makes durable that the log ends here and goes on in this term, then calls {@link Acceptor#onTermDurable}. What was
     * written beyond is never read again, also after a crash.
     */
    void writeTerm(long term, TermHistory history, long endLsn);

    /**
     * Writes bytes at the end of the log. {@link Acceptor#onFlushed} follows, for several writes together.
     *
     * @return how many bytes were taken, from the first on: fewer, or none, when buffers are full.
     */
    int append(long term, long beginLsn, DirectBuffer buffer, int offset, int length);

    void sendVote(int destination, Vote vote);

    /** The acceptor follows this term; its log ends here. */
    void sendTermAccepted(int destination, long term, long flushedLsn);

    /**
     * Answers an append: how far the log is on disk, or, when {@code promisedTerm} is higher than that of the append, that its
     * sender has lost its term, or, when {@code followedTerm} is lower, that the start of its term is missing here.
     */
    void sendAppended(int destination, long promisedTerm, long followedTerm, long flushedLsn);

    /** Asks a peer that follows the same term for what is missing from here on. */
    void sendFetch(int destination, long term, long beginLsn);

    /** Sends a peer what it asked for, from the log on disk, up to this LSN at most and as much as fits a message. */
    void sendFetched(int destination, long term, long beginLsn, long endLsn);
}
