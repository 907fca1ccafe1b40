package dev.firn.walquorum.pgwire;

import dev.firn.postgres.lsn.Lsn;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Takes a replication stream apart: pure, allocation free, and of any cutting into pieces. WAL is handed on as it comes; of all
 * else, whole messages. Layouts: the manual's "Streaming Replication Protocol", and replication/walsender.c.
 */
final class WalDecoder {
    /** MAX_SEND_SIZE of walsender.c is 128 KiB; no message is near this. */
    static final int MAX_COPY_DATA_BYTES = 64 << 20;

    private static final byte XLOG_DATA = 'w';
    private static final byte KEEPALIVE = 'k';

    /** Head of the message, and its first byte. */
    private static final int KIND_OFFSET = MessageType.HEAD_BYTES;

    private static final int AFTER_KIND = KIND_OFFSET + 1;
    /** Kind, start, end, time. */
    private static final int XLOG_HEAD_BYTES = 1 + 3 * Long.BYTES;
    /** Kind, end, time, flag. */
    private static final int KEEPALIVE_BYTES = 1 + 2 * Long.BYTES + 1;

    /** Seconds from 1970 to 2000, where Postgres' clock begins; timestamps are in microseconds. */
    static final long POSTGRES_EPOCH_US = 946_684_800L * 1_000_000L;

    /** What is not WAL, in the stream's hands. */
    interface Messages {
        /**
         * @param offset where the body begins.
         * @return false when the stream has ended with it: nothing behind it is looked at.
         */
        boolean onMessage(byte type, DirectBuffer buffer, int offset, int length, WalStreamHandler handler);

        /** Whether the handler has closed the stream: nothing that follows is looked at. */
        boolean isOver();

        /** Throws what becomes of the stream when the server says what it must not. */
        PgwireException violation(String what);
    }

    private final Messages messages;
    private final int maxWholeBytes;
    /** Where the next byte of WAL must stand. */
    private long nextLsn;
    /** Of the WAL of the message that is being handed on. */
    private int remaining;

    private long serverEndLsn;
    private long serverTimeUs;
    private boolean isCopyOver;
    private int calls;

    /**
     * @param maxWholeBytes what the reader's buffer can keep: no message but WAL may be longer.
     */
    WalDecoder(final Messages messages, final long startLsn, final int maxWholeBytes) {
        this.messages = messages;
        this.nextLsn = startLsn;
        this.maxWholeBytes = maxWholeBytes;
    }

    /** From now on there is no WAL any more. */
    void copyIsOver() {
        isCopyOver = true;
    }

    /** Calls of the handler in the last {@link #decode}. */
    int calls() {
        return calls;
    }

    /**
     * Hands on what is whole.
     *
     * @return bytes used; what is left is the beginning of a message, and shorter than {@code maxWholeBytes}.
     */
    int decode(final DirectBuffer buffer, final int begin, final int end, final WalStreamHandler handler) {
        calls = 0;
        int at = begin;
        while (true) {
            if (remaining > 0) {
                final int length = Math.min(remaining, end - at);
                if (length == 0) {
                    return at - begin;
                }
                final long lsn = nextLsn;
                nextLsn += length;
                remaining -= length;
                calls++;
                handler.onWal(lsn, buffer, at, length, serverEndLsn, serverTimeUs);
                at += length;
                if (messages.isOver()) {
                    return end - begin;
                }
                continue;
            }
            if (end - at < MessageType.HEAD_BYTES) {
                return at - begin;
            }
            final byte type = buffer.getByte(at);
            final int length = buffer.getInt(at + 1, ByteOrder.BIG_ENDIAN) - Integer.BYTES;
            if (type == MessageType.COPY_DATA) {
                final int used = copyData(buffer, at, end, length, handler);
                if (used == 0) {
                    return at - begin;
                }
                at += used;
                if (messages.isOver()) {
                    return end - begin;
                }
                continue;
            }
            if (length < 0 || length > maxWholeBytes - MessageType.HEAD_BYTES) {
                throw badLength(type, length);
            }
            if (end - at - MessageType.HEAD_BYTES < length) {
                return at - begin;
            }
            final int body = at + MessageType.HEAD_BYTES;
            at = body + length;
            if (!messages.onMessage(type, buffer, body, length, handler)) {
                return end - begin;
            }
        }
    }

    /** The head of WAL, or a whole keepalive. 0 when it is not there yet. */
    private int copyData(
            final DirectBuffer buffer, final int at, final int end, final int length, final WalStreamHandler handler) {
        if (isCopyOver) {
            throw messages.violation("more of a stream that it had ended");
        }
        if (length < 1 || length > MAX_COPY_DATA_BYTES) {
            throw badLength(MessageType.COPY_DATA, length);
        }
        if (end - at < AFTER_KIND) {
            return 0;
        }
        switch (buffer.getByte(at + KIND_OFFSET)) {
            case XLOG_DATA -> {
                if (length < XLOG_HEAD_BYTES) {
                    throw badLength(XLOG_DATA, length);
                }
                if (end - at < MessageType.HEAD_BYTES + XLOG_HEAD_BYTES) {
                    return 0;
                }
                final long lsn = buffer.getLong(at + AFTER_KIND, ByteOrder.BIG_ENDIAN);
                if (lsn != nextLsn) {
                    throw gap(lsn);
                }
                serverEndLsn = buffer.getLong(at + AFTER_KIND + Long.BYTES, ByteOrder.BIG_ENDIAN);
                serverTimeUs = unixTimeUs(buffer.getLong(at + AFTER_KIND + 2 * Long.BYTES, ByteOrder.BIG_ENDIAN));
                remaining = length - XLOG_HEAD_BYTES;
                return MessageType.HEAD_BYTES + XLOG_HEAD_BYTES;
            }
            case KEEPALIVE -> {
                if (length != KEEPALIVE_BYTES) {
                    throw badLength(KEEPALIVE, length);
                }
                if (end - at < MessageType.HEAD_BYTES + KEEPALIVE_BYTES) {
                    return 0;
                }
                calls++;
                handler.onKeepalive(
                        buffer.getLong(at + AFTER_KIND, ByteOrder.BIG_ENDIAN),
                        unixTimeUs(buffer.getLong(at + AFTER_KIND + Long.BYTES, ByteOrder.BIG_ENDIAN)),
                        buffer.getByte(at + AFTER_KIND + 2 * Long.BYTES) != 0);
                return MessageType.HEAD_BYTES + KEEPALIVE_BYTES;
            }
            default ->
                throw messages.violation("a part of a replication stream of kind "
                        + MessageType.show(buffer.getByte(at + KIND_OFFSET)) + ", which nobody knows");
        }
    }

    private static long unixTimeUs(final long postgresTimeUs) {
        return postgresTimeUs + POSTGRES_EPOCH_US;
    }

    private PgwireException gap(final long lsn) {
        return messages.violation("WAL of " + Lsn.format(lsn) + " where " + Lsn.format(nextLsn) + " follows");
    }

    private PgwireException badLength(final byte type, final int length) {
        return messages.violation("a message of type " + MessageType.show(type) + " that claims a length of "
                + (length + (long) Integer.BYTES) + " bytes");
    }
}
