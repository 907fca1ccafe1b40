package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;

/**
 * What an acceptor asks of the world around it. Messages may be lost; writes are done in the order in which they were asked for,
 * and each completes, or the process ends.
 *
 * <p>A proposer is named by its node, a peer by its acceptor id. Arguments are borrowed for the length of the call.
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
     * Makes durable that the log holds nothing, begins here and goes on in this term, then calls {@link Acceptor#onTermDurable}.
     * All before was committed and is in the archive.
     */
    void beginAnew(long term, TermHistory history, long startLsn);

    /**
     * Writes bytes at the end of the log. {@link Acceptor#onFlushed} follows, for several writes together.
     *
     * @return how many bytes were taken, from the first on: fewer, or none, when buffers are full.
     */
    int append(long term, long beginLsn, DirectBuffer buffer, int offset, int length);

    void sendVote(int proposer, Vote vote);

    /** The acceptor follows this term; its log ends here. */
    void sendTermAccepted(int proposer, long term, long flushedLsn);

    /**
     * Answers an append: how far the log was received, and is on disk, or, when {@code promisedTerm} is higher than that of the append, that its
     * sender has lost its term, or, when {@code followedTerm} is lower, that the start of its term is missing here.
     */
    void sendAppended(int proposer, long promisedTerm, long followedTerm, long receivedLsn, long flushedLsn);

    /** Asks a peer that follows the same term for what is missing from here on. */
    void sendFetch(long donor, long term, long beginLsn);

    /** Sends a peer what it asked for, from the log on disk, up to this LSN at most and as much as fits a message. */
    void sendFetched(long peer, long term, long beginLsn, long endLsn);

    /** Tells a peer that what it asked for is trimmed here, up to this LSN. */
    void sendTrimmed(long peer, long term, long startLsn);
}
