package dev.firn.walquorum.pgwire;

import dev.firn.postgres.lsn.Lsn;
import java.util.ArrayList;
import java.util.List;

/**
 * BASE_BACKUP as it is answered since 15: where it starts, the tablespaces, one COPY OUT with all archives and the manifest, where
 * it ends. The layouts are those of backup/basebackup_copy.c.
 */
final class BaseBackup {
    private static final String WHAT = "a base backup";

    private static final byte NEW_ARCHIVE = 'n';
    private static final byte MANIFEST = 'm';
    private static final byte DATA = 'd';
    private static final byte PROGRESS = 'p';

    /** More than any sink of the server sends at once. */
    private static final int MAX_DATA_BYTES = 64 << 20;

    private static final int MAX_TABLESPACES = 64 << 10;
    /** The server's result of the end comes when the manifest is through. */
    private static final int POSITION_COLUMNS = 2;

    private static final int TABLESPACE_COLUMNS = 3;

    private final Session session;
    private final BaseBackupHandler handler;
    private boolean isArchiveOpen;

    BaseBackup(final Session session, final BaseBackupHandler handler) {
        this.session = session;
        this.handler = handler;
    }

    private record Position(long lsn, long timeline) {}

    BaseBackupEnd run(final BaseBackupOptions options) {
        boolean isDone = false;
        session.beginUse();
        try {
            session.sendCommand(options.command(), session.deadlineNs());
            final Position start = position(result(POSITION_COLUMNS));
            final List<BackupTablespace> tablespaces = tablespaces(result(TABLESPACE_COLUMNS));
            handler.onStart(start.lsn(), start.timeline(), tablespaces);
            expect(MessageType.COPY_OUT_RESPONSE);
            copyOut();
            final Position end = position(result(POSITION_COLUMNS));
            while (next().type() != MessageType.READY_FOR_QUERY) {
                // The command's end.
            }
            isDone = true;
            return new BaseBackupEnd(start.lsn(), start.timeline(), end.lsn(), end.timeline());
        } catch (final PostgresException e) {
            // After an error it has been read to its end, and the connection can be used on.
            isDone = true;
            throw e;
        } finally {
            if (!isDone) {
                session.close();
            }
            session.endUse();
        }
    }

    // --- results ------------------------------------------------------------------------------------------------

    /** The type of the next message that is part of the backup, and stays unread: what the server remarks in between is passed on. */
    private byte peek() {
        while (true) {
            final long deadlineNs = silenceDeadlineNs();
            final byte type = session.peek(deadlineNs);
            switch (type) {
                case MessageType.NOTICE_RESPONSE ->
                    handler.onNotice(ServerError.readNotice(session.readAny(deadlineNs)));
                case MessageType.NOTIFICATION_RESPONSE, MessageType.PARAMETER_STATUS -> session.skip(deadlineNs);
                default -> {
                    return type;
                }
            }
        }
    }

    /** The next message; an error is thrown. */
    private Message next() {
        peek();
        final long deadlineNs = silenceDeadlineNs();
        final Message message = session.read(deadlineNs);
        if (message.type() == MessageType.ERROR_RESPONSE) {
            throw session.afterError(message, WHAT, deadlineNs);
        }
        return message;
    }

    private void expect(final byte type) {
        final Message message = next();
        if (message.type() != type) {
            throw session.unexpected(message.type());
        }
    }

    /** One result set, through its CommandComplete. */
    private List<byte[][]> result(final int columns) {
        Message message = next();
        // Between two results there may be the end of a command.
        if (message.type() == MessageType.COMMAND_COMPLETE) {
            message = next();
        }
        if (message.type() != MessageType.ROW_DESCRIPTION) {
            throw session.unexpected(message.type());
        }
        if (message.takeColumnNames().length < columns) {
            throw session.violation("a result of a base backup with too few columns");
        }
        final List<byte[][]> rows = new ArrayList<>();
        while (true) {
            final byte type = peek();
            if (type == MessageType.ROW_DESCRIPTION || type == MessageType.COPY_OUT_RESPONSE) {
                return rows;
            }
            message = next();
            if (message.type() == MessageType.COMMAND_COMPLETE) {
                return rows;
            }
            if (message.type() != MessageType.DATA_ROW) {
                throw session.unexpected(message.type());
            }
            final byte[][] row = message.takeRow();
            if (row.length < columns || rows.size() == MAX_TABLESPACES) {
                throw session.violation("a row of a base backup that makes no sense");
            }
            rows.add(row);
        }
    }

    private Position position(final List<byte[][]> rows) {
        try {
            final ResultSet result = new ResultSet(new String[0], rows);
            return new Position(Lsn.parse(result.text(0, 0)), Timelines.require(Long.parseLong(result.text(0, 1))));
        } catch (final IndexOutOfBoundsException | IllegalArgumentException | NullPointerException e) {
            throw malformed("a position of a base backup", e);
        }
    }

    private List<BackupTablespace> tablespaces(final List<byte[][]> rows) {
        final ResultSet result = new ResultSet(new String[0], rows);
        final List<BackupTablespace> tablespaces = new ArrayList<>(rows.size());
        try {
            for (int row = 0; row < rows.size(); row++) {
                final String oid = result.text(row, 0);
                final String location = result.text(row, 1);
                final String size = result.text(row, 2);
                tablespaces.add(new BackupTablespace(
                        oid == null ? 0 : Long.parseLong(oid),
                        location == null ? "" : location,
                        size == null ? -1 : Long.parseLong(size)));
            }
        } catch (final NumberFormatException e) {
            throw malformed("a tablespace of a base backup", e);
        }
        return List.copyOf(tablespaces);
    }

    private PgwireException malformed(final String what, final RuntimeException cause) {
        final PgwireException violation = session.violation(what + " that makes no sense");
        violation.addSuppressed(cause);
        return violation;
    }

    // --- the stream ---------------------------------------------------------------------------------------------

    private void copyOut() {
        while (true) {
            if (peek() != MessageType.COPY_DATA) {
                final Message message = next();
                if (message.type() == MessageType.COPY_DONE) {
                    return;
                }
                throw session.unexpected(message.type());
            }
            final int length = session.peekBodyBytes();
            if (length < 1 || length > MAX_DATA_BYTES) {
                throw session.violation("a part of a base backup that claims a length of " + length + " bytes");
            }
            session.await(MessageType.HEAD_BYTES + 1, silenceDeadlineNs());
            if (session.received().byteAt(MessageType.HEAD_BYTES) == DATA) {
                session.received().consume(MessageType.HEAD_BYTES + 1);
                data(length - 1);
            } else {
                control(session.read(silenceDeadlineNs()));
            }
        }
    }

    /** Hands on what is there, and then what comes. */
    private void data(final int length) {
        if (!isArchiveOpen) {
            throw session.violation("bytes of a base backup that belong to no archive");
        }
        final ReceiveBuffer received = session.received();
        int left = length;
        while (left > 0) {
            if (received.available() == 0) {
                session.fill(silenceDeadlineNs());
            }
            final int count = Math.min(left, received.available());
            handler.onData(received.view(), received.begin(), count);
            received.consume(count);
            left -= count;
        }
    }

    private void control(final Message message) {
        final byte kind = message.takeByte();
        switch (kind) {
            case NEW_ARCHIVE -> {
                final String name = message.takeString();
                final String location = message.takeString();
                if (!name.matches("[A-Za-z0-9_]+\\.tar")) {
                    throw session.violation("an archive of a base backup under the name \"" + name + "\"");
                }
                isArchiveOpen = true;
                handler.onArchive(name, location);
            }
            case MANIFEST -> {
                isArchiveOpen = true;
                handler.onManifest();
            }
            case PROGRESS -> handler.onProgress(message.takeLong());
            default ->
                throw session.violation(
                        "a part of a base backup of kind " + MessageType.show(kind) + ", which nobody knows");
        }
    }

    private long silenceDeadlineNs() {
        return session.config().clock().nanoTime()
                + session.config().backupSilenceLimit().toNanos();
    }
}
