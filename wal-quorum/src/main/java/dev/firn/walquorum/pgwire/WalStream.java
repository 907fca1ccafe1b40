package dev.firn.walquorum.pgwire;

/**
 * Physical replication as it runs: WAL comes in, statuses go out. Neither blocks, nor allocates.
 *
 * <p>An interface for the simulation's sake, whose Postgres has no socket; {@link ReplicationConnection#startReplication} makes the
 * real one. Belongs to one thread at a time, save {@link #wakeup}.
 */
public interface WalStream extends AutoCloseable {
    /**
     * Reads once what has arrived, and hands it on. Also sends the rest of a status that did not fit before.
     *
     * @return the number of calls to the handler; 0 when there was nothing. Always 0 once the stream has ended.
     * @throws PgwireException when the connection is lost, or the server says what it must not. The stream has ended.
     */
    int poll(WalStreamHandler handler);

    /**
     * Tells the server how far the WAL has come: a standby status update. The latest one wins: one that the socket had no room for
     * is replaced by the next, and never queued behind another.
     *
     * @param writeLsn         end of what is written; {@code remote_write} waits for it.
     * @param flushLsn         end of what is durable; {@code synchronous_commit = on} waits for it, and the slot keeps all after it.
     * @param applyLsn         end of what is applied; {@code remote_apply} waits for it.
     * @param isReplyRequested whether the server shall send a keepalive at once.
     * @return whether the socket took it whole. If not, {@link #poll} sends the latest one when there is room, or says that the
     *     connection is lost, once it has handed on what the server sent before.
     */
    boolean sendStatus(long writeLsn, long flushLsn, long applyLsn, boolean isReplyRequested);

    /**
     * Blocks until there is something to read, room for a status that is waiting for it, or a {@link #wakeup}.
     *
     * @param timeoutNs rounded up to milliseconds, which is what the kernel is asked for; 0 does not wait.
     */
    void await(long timeoutNs);

    /** Ends the {@link #await} that is under way, or else the next. From any thread. */
    void wakeup();

    /**
     * The kernel's descriptor of its socket, for who waits for other things as well; -1 when there is none, or it is not to be had.
     * It is readable when there may be something to {@link #poll}. Poll until that returns 0 before waiting for it, and while
     * {@link #isWriteDue} do not wait long. Good until the stream is closed.
     */
    int descriptor();

    /** Whether a status is still waiting for room in the socket. */
    boolean isWriteDue();

    /** Whether nothing comes any more: end of the timeline, shutdown, an error, or a lost connection. */
    boolean isEnded();

    /** Ends the stream and the connection that it runs on. Idempotent. */
    @Override
    void close();
}
