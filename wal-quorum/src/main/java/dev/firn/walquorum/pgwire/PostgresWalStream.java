package dev.firn.walquorum.pgwire;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.SocketDescriptors;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.pgwire.channel.ServerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** The stream of a walsender, over a session's channel and buffers. */
final class PostgresWalStream implements WalStream, WalDecoder.Messages {
    private static final byte STATUS_UPDATE = 'r';
    /** Kind, three positions, time, flag. */
    private static final int STATUS_BYTES = 1 + 4 * Long.BYTES + 1;

    private static final long NANOS_A_MICRO = 1_000;
    private static final int RESULT_COLUMNS = 2;

    private final Session session;
    private final ServerChannel channel;
    private final ReceiveBuffer received;
    private final Clock clock;
    private final WalDecoder decoder;
    /** Between position and limit: what is encoded, and not in the socket's hands. */
    private final ByteBuffer sendBytes;

    private boolean isStatusDue;
    private long writeLsn;
    private long flushLsn;
    private long applyLsn;
    private boolean isReplyRequested;

    private boolean isCopyDoneDue;
    /** Nothing can be sent any more; null while it can. */
    private IOException sendFailure;

    private boolean isCopyOver;
    private boolean isEnded;
    /** Whether something that came before the stream began may be in the buffer. */
    private boolean isFresh = true;
    /** Of the row that the server sends at the end of a timeline; 0 before. */
    private long nextTimeline;

    private long switchLsn;

    private PostgresWalStream(final Session session, final long startLsn) {
        this.session = session;
        this.channel = session.channel();
        this.received = session.received();
        this.clock = session.config().clock();
        this.decoder = new WalDecoder(this, startLsn, received.maxWholeBytes());
        this.sendBytes = session.sendBytes();
        sendBytes.limit(0);
    }

    /** Asks for the stream, and returns when it has begun. */
    static PostgresWalStream start(final Session session, final String slot, final long lsn, final long timeline) {
        final long deadlineNs = session.deadlineNs();
        final String what = "to stream timeline " + timeline + " from " + Lsn.format(lsn);
        session.sendCommand(
                "START_REPLICATION" + (slot == null ? "" : " SLOT " + Quoting.identifier(slot)) + " PHYSICAL "
                        + Lsn.format(lsn) + " TIMELINE " + Timelines.require(timeline),
                deadlineNs);
        while (true) {
            switch (session.peek(deadlineNs)) {
                case MessageType.COPY_BOTH_RESPONSE -> {
                    session.read(deadlineNs);
                    return new PostgresWalStream(session, lsn);
                }
                case MessageType.ROW_DESCRIPTION -> {
                    // The timeline ends right here: the server goes straight to what comes after it.
                    final PostgresWalStream stream = new PostgresWalStream(session, lsn);
                    stream.copyIsOver();
                    return stream;
                }
                case MessageType.ERROR_RESPONSE -> throw session.afterError(session.read(deadlineNs), what, deadlineNs);
                case MessageType.NOTICE_RESPONSE, MessageType.NOTIFICATION_RESPONSE, MessageType.PARAMETER_STATUS ->
                    session.skip(deadlineNs);
                default -> throw session.unexpected(session.peek(deadlineNs));
            }
        }
    }

    // --- reading ------------------------------------------------------------------------------------------------

    @Override
    public int poll(final WalStreamHandler handler) {
        if (isEnded) {
            return 0;
        }
        isFresh = false;
        boolean isInDoubt = true;
        session.beginUse();
        try {
            if (hasOutput()) {
                trySend();
            }
            final int count = received.fill(channel);
            int calls = 0;
            // Also at the end: what came with the answer that began the stream has not been looked at.
            if (received.available() > 0) {
                received.consume(decoder.decode(received.view(), received.begin(), received.end(), handler));
                calls = decoder.calls();
            }
            if (!isEnded && count < 0) {
                isEnded = true;
                throw session.closedByServer();
            }
            if (!isEnded && count == 0 && sendFailure != null) {
                isEnded = true;
                throw session.lost(sendFailure);
            }
            isInDoubt = false;
            return calls;
        } catch (final IOException e) {
            throw session.lost(e);
        } finally {
            if (isInDoubt) {
                // Whatever was thrown, also by the handler: nobody knows any more what was handed on.
                isEnded = true;
                session.close();
            }
            session.endUse();
        }
    }

    @Override
    public boolean onMessage(
            final byte type,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final WalStreamHandler handler) {
        switch (type) {
            case MessageType.NOTICE_RESPONSE, MessageType.NOTIFICATION_RESPONSE, MessageType.PARAMETER_STATUS -> {
                return true;
            }
            case MessageType.ERROR_RESPONSE -> {
                isEnded = true;
                final PostgresException error = ServerError.read(
                        message(type, buffer, offset, length), session.host(), session.user(), "to go on streaming");
                session.close();
                handler.onServerError(error);
                return false;
            }
            default -> {
                return isCopyOver
                        ? onMessageAfterCopy(type, buffer, offset, length, handler)
                        : onMessageInCopy(type, handler);
            }
        }
    }

    private boolean onMessageInCopy(final byte type, final WalStreamHandler handler) {
        switch (type) {
            case MessageType.COPY_DONE -> {
                copyIsOver();
                isCopyDoneDue = true;
                trySend();
                return true;
            }
            case MessageType.COMMAND_COMPLETE -> {
                // WalSndDone: the server stops, and has sent all that it had.
                isEnded = true;
                session.close();
                handler.onServerShutdown();
                return false;
            }
            default -> throw session.unexpected(type);
        }
    }

    private boolean onMessageAfterCopy(
            final byte type,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final WalStreamHandler handler) {
        switch (type) {
            case MessageType.ROW_DESCRIPTION, MessageType.COMMAND_COMPLETE -> {
                return true;
            }
            case MessageType.DATA_ROW -> {
                takeSwitch(message(type, buffer, offset, length).takeRow());
                return true;
            }
            case MessageType.READY_FOR_QUERY -> {
                if (nextTimeline == 0) {
                    throw session.violation("the end of a timeline without saying what follows it");
                }
                isEnded = true;
                handler.onEnd(nextTimeline, switchLsn);
                return false;
            }
            default -> throw session.unexpected(type);
        }
    }

    private void takeSwitch(final byte[][] row) {
        if (row.length != RESULT_COLUMNS || row[0] == null || row[1] == null) {
            throw session.violation("a next timeline that makes no sense");
        }
        try {
            nextTimeline = Timelines.require(Long.parseLong(new String(row[0], StandardCharsets.US_ASCII)));
            switchLsn = Lsn.parse(new String(row[1], StandardCharsets.US_ASCII));
        } catch (final IllegalArgumentException e) {
            final PgwireException violation = session.violation("a next timeline that makes no sense");
            violation.addSuppressed(e);
            throw violation;
        }
    }

    private Message message(final byte type, final DirectBuffer buffer, final int offset, final int length) {
        final byte[] body = new byte[length];
        buffer.getBytes(offset, body);
        return new Message(type, body, session.host());
    }

    private void copyIsOver() {
        isCopyOver = true;
        isStatusDue = false;
        decoder.copyIsOver();
    }

    @Override
    public boolean isOver() {
        return isEnded;
    }

    @Override
    public PgwireException violation(final String what) {
        isEnded = true;
        return session.violation(what);
    }

    // --- sending ------------------------------------------------------------------------------------------------

    @Override
    public boolean sendStatus(
            final long newWriteLsn, final long newFlushLsn, final long newApplyLsn, final boolean wantsReply) {
        if (isEnded || isCopyOver) {
            return false;
        }
        writeLsn = newWriteLsn;
        flushLsn = newFlushLsn;
        applyLsn = newApplyLsn;
        isReplyRequested = wantsReply || (isStatusDue && isReplyRequested);
        isStatusDue = true;
        return trySend();
    }

    /** A failure waits until all is read: why the server has hung up may be among it. */
    private boolean trySend() {
        try {
            return sendFailure == null && send();
        } catch (final IOException e) {
            sendFailure = e;
            return false;
        }
    }

    private boolean hasOutput() {
        return sendFailure == null && isOutputDue();
    }

    private boolean isOutputDue() {
        return isStatusDue || isCopyDoneDue || sendBytes.hasRemaining() || channel.holdsOutput();
    }

    private boolean send() throws IOException {
        while (channel.write(sendBytes)) {
            if (isCopyDoneDue) {
                isCopyDoneDue = false;
                sendBytes.clear();
                sendBytes.put(MessageType.COPY_DONE).putInt(Integer.BYTES).flip();
            } else if (isStatusDue) {
                isStatusDue = false;
                encodeStatus();
            } else {
                return true;
            }
        }
        return false;
    }

    private void encodeStatus() {
        sendBytes.clear();
        sendBytes
                .order(ByteOrder.BIG_ENDIAN)
                .put(MessageType.COPY_DATA)
                .putInt(Integer.BYTES + STATUS_BYTES)
                .put(STATUS_UPDATE)
                .putLong(writeLsn)
                .putLong(flushLsn)
                .putLong(applyLsn)
                .putLong(clock.epochNs() / NANOS_A_MICRO - WalDecoder.POSTGRES_EPOCH_US)
                .put((byte) (isReplyRequested ? 1 : 0))
                .flip();
    }

    // --- waiting, ending ----------------------------------------------------------------------------------------

    @Override
    public void await(final long timeoutNs) {
        if (isEnded || sendFailure != null || (isFresh && received.available() > 0)) {
            return;
        }
        try {
            channel.await(hasOutput(), timeoutNs);
        } catch (final IOException e) {
            isEnded = true;
            throw session.lost(e);
        }
    }

    @Override
    public void wakeup() {
        channel.wakeup();
    }

    @Override
    public int descriptor() {
        return isEnded ? SocketDescriptors.UNKNOWN : channel.descriptor();
    }

    @Override
    public boolean isWriteDue() {
        return !isEnded && hasOutput();
    }

    @Override
    public boolean isEnded() {
        return isEnded;
    }

    @Override
    public void close() {
        isEnded = true;
        if (isOutputDue()) {
            session.close();
        } else {
            session.terminate();
        }
    }
}
