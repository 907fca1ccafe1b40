package dev.firn.walquorum.log;

import org.agrona.DirectBuffer;

/** Hears what has become durable, and what was read, from {@link WalLog#doWork}. */
public interface LogListener {
    /** See {@code Acceptor.onFlushed}. Once for all that became durable together. */
    void onFlushed(long term, long lsn);

    /** See {@code Acceptor.onTermDurable}: after a hand-over, and after the log has begun anew. */
    void onHandedOver(long term);

    /** See {@code Acceptor.onPromiseDurable}. */
    void onPromiseDurable();

    /** The log begins here now: see {@code Acceptor.onTrimmed}. */
    void onTrimmed(long startLsn);

    /**
     * Bytes that {@link WalLog#read} asked for, in order; one call a frame.
     *
     * @param token that was given with the request.
     * @param buffer borrowed for the length of the call.
     * @param isLast whether the request is done with these.
     */
    void onRead(long token, long lsn, DirectBuffer buffer, int offset, int length, boolean isLast);

    /**
     * There is no space for the log's next segment. The log goes on when there is; meanwhile {@link WalLog#append} takes what the
     * current segment has room for, then nothing. Told once for each time that the disk runs full.
     *
     * @param sentence what happened and what helps, for a person.
     */
    void onDiskFull(String sentence);

    /** There is space again. */
    void onDiskRoom();
}
