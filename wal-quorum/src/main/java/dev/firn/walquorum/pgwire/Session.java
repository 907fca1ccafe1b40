package dev.firn.walquorum.pgwire;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.walquorum.pgwire.channel.ServerChannel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages of a connection, whole, on the control path: they block, with deadlines, and may allocate. The WAL stream uses the
 * session's channel and buffers while it runs.
 *
 * <p>Whatever leaves the conversation in doubt closes it: after a {@link PostgresException} of severity ERROR it goes on.
 */
final class Session implements AutoCloseable {
    /** No message of the control path is longer: results are a few rows. */
    static final int MAX_MESSAGE_BYTES = 16 << 20;

    /** What the rows of one command may come to. */
    private static final int MAX_RESULT_BYTES = 64 << 20;

    private static final int MAX_PARAMETERS = 256;
    private static final int MAX_RESULTS = 16;
    private static final int SEND_BUFFER_BYTES = 8 << 10;
    private static final int FIRST_BODY_BYTES = 4 << 10;
    private static final MemoryTag TAG = MemoryTag.of("pgwire-send");

    private final PgwireConfig config;
    private final String host;
    private final String user;
    private final ServerChannel channel;
    private final ReceiveBuffer received;
    private final MemorySegment sendSegment;
    private final ByteBuffer sendBytes;
    private final Map<String, String> parameters = new HashMap<>();
    private boolean isClosed;
    private boolean isInUse;
    private boolean isFreed;

    Session(final PgwireConfig config, final String host, final String user, final ServerChannel channel) {
        this.config = config;
        this.host = host;
        this.user = user;
        this.channel = channel;
        this.received = new ReceiveBuffer(config.memory(), config.receiveBufferBytes());
        this.sendSegment = config.memory().allocate(SEND_BUFFER_BYTES, TAG);
        this.sendBytes = sendSegment.asByteBuffer();
    }

    PgwireConfig config() {
        return config;
    }

    String user() {
        return user;
    }

    /** How messages call the server. */
    String host() {
        return host;
    }

    ServerChannel channel() {
        return channel;
    }

    ReceiveBuffer received() {
        return received;
    }

    /** Off-heap, for what the stream sends. */
    ByteBuffer sendBytes() {
        return sendBytes;
    }

    /** What the server reported of its settings; null for what it did not. */
    String parameter(final String name) {
        return parameters.get(name);
    }

    long deadlineNs() {
        return config.clock().nanoTime() + config.commandLimit().toNanos();
    }

    boolean isClosed() {
        return isClosed;
    }

    // --- sending ------------------------------------------------------------------------------------------------

    void send(final byte type, final byte[] body, final long deadlineNs) {
        final ByteBuffer message = ByteBuffer.allocate(MessageType.HEAD_BYTES + body.length);
        message.put(type).putInt(Integer.BYTES + body.length).put(body);
        sendRaw(message.array(), deadlineNs);
    }

    void sendRaw(final byte[] bytes, final long deadlineNs) {
        requireOpen();
        try {
            for (int sent = 0; sent < bytes.length; ) {
                final int count = Math.min(bytes.length - sent, SEND_BUFFER_BYTES);
                sendBytes.clear();
                sendBytes.put(bytes, sent, count).flip();
                channel.writeAll(sendBytes, deadlineNs, "to take a message");
                sent += count;
            }
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    // --- reading ------------------------------------------------------------------------------------------------

    /** The next message but notices, notifications and reports of settings. */
    Message read(final long deadlineNs) {
        while (true) {
            final Message message = readAny(deadlineNs);
            if (!isAside(message)) {
                return message;
            }
        }
    }

    /** Reads one that is a notice, a notification or a report of a setting. */
    void skip(final long deadlineNs) {
        final Message message = readAny(deadlineNs);
        if (!isAside(message)) {
            throw unexpected(message.type());
        }
    }

    private boolean isAside(final Message message) {
        return switch (message.type()) {
            case MessageType.NOTICE_RESPONSE, MessageType.NOTIFICATION_RESPONSE -> true;
            case MessageType.PARAMETER_STATUS -> {
                if (parameters.size() < MAX_PARAMETERS) {
                    parameters.put(message.takeString(), message.takeString());
                }
                yield true;
            }
            default -> false;
        };
    }

    /** The type of the next message, which stays unread; of any kind. */
    byte peek(final long deadlineNs) {
        await(MessageType.HEAD_BYTES, deadlineNs);
        return received.byteAt(0);
    }

    /** The length of the next message's body; its head has been seen by {@link #peek}. */
    int peekBodyBytes() {
        return received.intAt(1) - Integer.BYTES;
    }

    /** The next message of any kind. */
    Message readAny(final long deadlineNs) {
        final byte type = peek(deadlineNs);
        final int length = peekBodyBytes();
        if (length < 0 || length > MAX_MESSAGE_BYTES) {
            throw violation("a message of type " + MessageType.show(type) + " that claims a length of "
                    + (length + (long) Integer.BYTES) + " bytes");
        }
        received.consume(MessageType.HEAD_BYTES);
        // Memory follows what has come, not what was claimed.
        byte[] body = new byte[Math.min(length, FIRST_BODY_BYTES)];
        int have = 0;
        while (have < length) {
            if (received.available() == 0) {
                fill(deadlineNs);
            }
            if (have == body.length) {
                body = Arrays.copyOf(body, Math.min(length, 2 * body.length));
            }
            final int count = Math.min(body.length - have, received.available());
            received.copy(body, have, count);
            have += count;
        }
        return new Message(type, body, host);
    }

    /** Blocks until so many bytes are there: at most what a receive buffer keeps. */
    void await(final int count, final long deadlineNs) {
        while (received.available() < count) {
            fill(deadlineNs);
        }
    }

    /** Blocks until there is more. */
    void fill(final long deadlineNs) {
        requireOpen();
        try {
            int count = received.fill(channel);
            while (count == 0) {
                channel.awaitInput(deadlineNs, "to answer");
                count = received.fill(channel);
            }
            if (count < 0) {
                throw closedByServer();
            }
        } catch (final IOException e) {
            throw lost(e);
        }
    }

    // --- commands -----------------------------------------------------------------------------------------------

    /**
     * Runs a command, and reads what it answers.
     *
     * @param what the command is for, as in "refuses …".
     */
    List<ResultSet> execute(final String command, final String what) {
        final long deadlineNs = deadlineNs();
        boolean isInDoubt = true;
        try {
            sendCommand(command, deadlineNs);
            final List<ResultSet> results = readResults(what, deadlineNs);
            isInDoubt = false;
            return results;
        } catch (final PostgresException e) {
            isInDoubt = false;
            throw e;
        } finally {
            if (isInDoubt) {
                close();
            }
        }
    }

    private List<ResultSet> readResults(final String what, final long deadlineNs) {
        final List<ResultSet> results = new ArrayList<>();
        PostgresException error = null;
        long bytes = 0;
        while (true) {
            final Message message = read(deadlineNs);
            switch (message.type()) {
                case MessageType.ROW_DESCRIPTION -> {
                    if (results.size() == MAX_RESULTS) {
                        throw violation("more than " + MAX_RESULTS + " results for one command");
                    }
                    results.add(new ResultSet(message.takeColumnNames(), new ArrayList<>()));
                }
                case MessageType.DATA_ROW -> {
                    final byte[][] row = message.takeRow();
                    bytes += Arrays.stream(row)
                                    .mapToLong(value -> value == null ? 0 : value.length)
                                    .sum()
                            + (long) row.length * Long.BYTES;
                    if (results.isEmpty() || row.length != results.getLast().columns().length) {
                        throw violation("a row that does not fit its description");
                    }
                    if (bytes > MAX_RESULT_BYTES) {
                        throw violation("a result of more than " + MAX_RESULT_BYTES + " bytes");
                    }
                    results.getLast().rows().add(row);
                }
                case MessageType.COMMAND_COMPLETE, MessageType.EMPTY_QUERY_RESPONSE -> {
                    // ReadyForQuery follows.
                }
                case MessageType.ERROR_RESPONSE -> error = error(message, what);
                case MessageType.READY_FOR_QUERY -> {
                    if (error != null) {
                        throw error;
                    }
                    return results;
                }
                default -> throw unexpected(message.type());
            }
        }
    }

    void sendCommand(final String command, final long deadlineNs) {
        if (command.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a command for Postgres cannot hold a zero byte");
        }
        send(MessageType.QUERY, (command + "\0").getBytes(StandardCharsets.UTF_8), deadlineNs);
    }

    /** Reads on after an error, until the server is ready for the next command, and throws it. */
    PostgresException afterError(final Message errorMessage, final String what, final long deadlineNs) {
        final PostgresException error = error(errorMessage, what);
        while (!isClosed && read(deadlineNs).type() != MessageType.READY_FOR_QUERY) {
            // What was on the way when it failed.
        }
        return error;
    }

    /** After a fatal one the server hangs up. */
    PostgresException error(final Message message, final String what) {
        final PostgresException error = ServerError.read(message, host, user, what);
        if (!"ERROR".equals(error.severity())) {
            close();
            throw error;
        }
        return error;
    }

    // --- failing ------------------------------------------------------------------------------------------------

    PgwireException closedByServer() {
        close();
        return PgwireException.lost("Postgres at " + host + " closed the connection: its log says why");
    }

    PgwireException lost(final IOException cause) {
        close();
        final String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return PgwireException.lost("the connection to Postgres at " + host + " is lost: " + reason, cause);
    }

    /** It said what it must not. */
    PgwireException violation(final String what) {
        close();
        return PgwireException.lost("Postgres at " + host + " sent " + what
                + ": it is no Postgres, or something between changes what it says");
    }

    PgwireException unexpected(final byte type) {
        return violation("a message of type " + MessageType.show(type) + ", which has no place here");
    }

    private void requireOpen() {
        if (isClosed) {
            throw PgwireException.lost("the connection to Postgres at " + host + " was closed before");
        }
    }

    /** Tells the server, if that needs no waiting. Idempotent. */
    void terminate() {
        if (!isClosed && !channel.holdsOutput()) {
            try {
                sendBytes.clear();
                sendBytes.put(MessageType.TERMINATE).putInt(Integer.BYTES).flip();
                channel.write(sendBytes);
            } catch (final IOException e) {
                // It is gone already, which is what was wanted.
            }
        }
        close();
    }

    /** From now on the buffers stay, also when it is closed: somebody reads them. */
    void beginUse() {
        isInUse = true;
    }

    void endUse() {
        isInUse = false;
        if (isClosed) {
            free();
        }
    }

    /** Hangs up. Idempotent. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            channel.close();
        }
        if (!isInUse) {
            free();
        }
    }

    private void free() {
        if (!isFreed) {
            isFreed = true;
            received.close();
            config.memory().free(sendSegment);
        }
    }
}
