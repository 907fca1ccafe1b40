package dev.firn.walquorum.pgwire;

import org.agrona.DirectBuffer;

/**
 * What comes out of a {@link WalStream}. Called within {@link WalStream#poll}, on its thread. It may send statuses, and close the
 * stream; what it throws ends the stream.
 */
public interface WalStreamHandler {
    /**
     * Bytes of WAL, which follow those of the call before without a gap. The parts of one message of the server come as they
     * arrive, and say the same of the server.
     *
     * @param lsn          where the first byte stands.
     * @param buffer       borrowed: good until the method returns.
     * @param serverEndLsn the end of the WAL that the server had flushed when it sent this.
     * @param serverTimeUs the server's clock then, in microseconds since 1970-01-01T00:00:00Z.
     */
    void onWal(long lsn, DirectBuffer buffer, int offset, int length, long serverEndLsn, long serverTimeUs);

    /**
     * The server is alive.
     *
     * @param isReplyRequested whether it wants a status now: it ends the connection when none comes within half its
     *     {@code wal_sender_timeout}.
     */
    void onKeepalive(long serverEndLsn, long serverTimeUs, boolean isReplyRequested);

    /**
     * The timeline has ended in the server's history, and all of it has been handed on. Once poll has returned, the connection may
     * start the next one.
     *
     * @param switchLsn where the next timeline leaves this one.
     */
    void onEnd(long nextTimeline, long switchLsn);

    /** The server stops in good order, having sent all that it had. The stream has ended; the connection cannot be used again. */
    void onServerShutdown();

    /** The server ended the stream with an error. The connection cannot be used again. */
    void onServerError(PostgresException error);
}
