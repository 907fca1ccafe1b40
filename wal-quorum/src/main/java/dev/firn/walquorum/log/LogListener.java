package dev.firn.walquorum.log;

import org.agrona.DirectBuffer;

/** Hears what has become durable, and what was read, from {@link WalLog#doWork}. */
public interface LogListener {
    /** See {@code Acceptor.onFlushed}. */
    void onFlushed(long term, long lsn);

    /** See {@code Acceptor.onTermDurable}. */
    void onHandedOver(long term);

    /**
     * Bytes that {@link WalLog#read} asked for: from this LSN to the end of their frame.
     *
     * @param buffer borrowed for the length of the call.
     */
    void onRead(long lsn, DirectBuffer buffer, int offset, int length);
}
