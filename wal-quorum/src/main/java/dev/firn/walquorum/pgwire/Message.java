package dev.firn.walquorum.pgwire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A whole message of the server, on the control path. */
final class Message {
    private final byte type;
    private final ByteBuffer body;
    private final String host;

    Message(final byte type, final byte[] body, final String host) {
        this.type = type;
        this.body = ByteBuffer.wrap(body);
        this.host = host;
    }

    byte type() {
        return type;
    }

    boolean hasMore() {
        return body.hasRemaining();
    }

    byte takeByte() {
        try {
            return body.get();
        } catch (final BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    int takeShort() {
        try {
            return body.getShort();
        } catch (final BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    int takeInt() {
        try {
            return body.getInt();
        } catch (final BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    long takeLong() {
        try {
            return body.getLong();
        } catch (final BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    /** All that is left. */
    byte[] takeRest() {
        return takeBytes(body.remaining());
    }

    byte[] takeBytes(final int count) {
        if (count < 0 || count > body.remaining()) {
            throw tooShort(null);
        }
        final byte[] taken = new byte[count];
        body.get(taken);
        return taken;
    }

    /** Up to a zero byte. */
    String takeString() {
        final int from = body.position();
        for (int at = from; at < body.limit(); at++) {
            if (body.get(at) == 0) {
                final String text = new String(body.array(), from, at - from, StandardCharsets.UTF_8);
                body.position(at + 1);
                return text;
            }
        }
        throw tooShort(null);
    }

    /** The values of a DataRow; NULL is null. */
    byte[][] takeRow() {
        final int columns = takeShort();
        if (columns < 0) {
            throw tooShort(null);
        }
        final byte[][] row = new byte[columns][];
        for (int i = 0; i < columns; i++) {
            final int length = takeInt();
            row[i] = length == -1 ? null : takeBytes(length);
        }
        return row;
    }

    /** The names of a RowDescription. */
    String[] takeColumnNames() {
        final int columns = takeShort();
        if (columns < 0) {
            throw tooShort(null);
        }
        final String[] names = new String[columns];
        for (int i = 0; i < columns; i++) {
            names[i] = takeString();
            // Table, column, type, its size and modifier, format.
            takeBytes(Integer.BYTES + Short.BYTES + Integer.BYTES + Short.BYTES + Integer.BYTES + Short.BYTES);
        }
        return names;
    }

    private PgwireException tooShort(final BufferUnderflowException cause) {
        return PgwireException.lost(
                "Postgres at " + host + " sent a message of type '" + (char) type
                        + "' that ends within a field: it is no Postgres, or the connection is not clean",
                cause);
    }
}
