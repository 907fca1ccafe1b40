package dev.firn.walquorum.pgwire;

import java.util.Set;

/** Makes an exception of an ErrorResponse: what failed, in the server's words, and what to do. */
final class ServerError {
    static final String INVALID_AUTHORIZATION = "28000";
    static final String CANNOT_CONNECT_NOW = "57P03";

    /** May pass by themselves: the server starts, stops or is full; the slot's last user is about to be found dead. */
    private static final Set<String> TRANSIENT =
            Set.of("53300", "55006", "57P01", "57P02", CANNOT_CONNECT_NOW, "57P05", "40001", "55P03");

    private static final String CONNECTION_CLASS = "08";
    private static final String UNKNOWN_STATE = "XX000";

    private ServerError() {}

    /**
     * @param what the server was asked for, as in "refuses …".
     * @param user as whom it was asked.
     */
    static PostgresException read(final Message message, final String host, final String user, final String what) {
        String localSeverity = "ERROR";
        String severity = null;
        String state = UNKNOWN_STATE;
        String text = "no reason given";
        String detail = null;
        String hint = null;
        while (message.hasMore()) {
            final byte field = message.takeByte();
            if (field == 0) {
                break;
            }
            final String value = message.takeString();
            switch (field) {
                case 'S' -> localSeverity = value;
                case 'V' -> severity = value;
                case 'C' -> state = value;
                case 'M' -> text = value;
                case 'D' -> detail = value;
                case 'H' -> hint = value;
                default -> {
                    // Where in the server's sources, or in a statement.
                }
            }
        }
        final String advice = advice(state, text, user);
        final StringBuilder sentence = new StringBuilder("Postgres at ")
                .append(host)
                .append(" refuses ")
                .append(what)
                .append(": ")
                .append(text);
        if (detail != null) {
            sentence.append(" (").append(detail).append(')');
        }
        sentence.append(" [").append(state).append(']');
        if (advice != null) {
            sentence.append(": ").append(advice);
        } else if (hint != null) {
            sentence.append(": ").append(hint);
        }
        return new PostgresException(
                sentence.toString().replace('\n', ' '),
                TRANSIENT.contains(state) || state.startsWith(CONNECTION_CLASS),
                severity == null ? localSeverity : severity,
                state,
                text);
    }

    /** The words of a NoticeResponse. */
    static String readNotice(final Message message) {
        String text = "";
        while (message.hasMore()) {
            final byte field = message.takeByte();
            if (field == 0) {
                break;
            }
            final String value = message.takeString();
            if (field == 'M') {
                text = value;
            }
        }
        return text;
    }

    /** Null when the code says too little. Settings' names stand in the text in every language. */
    private static String advice(final String state, final String text, final String user) {
        return switch (state) {
            case "28P01" ->
                "give the right password of " + user
                        + " in the connection string, in PGPASSWORD or in the password file";
            case INVALID_AUTHORIZATION ->
                "the role " + user
                        + " must exist and be allowed to log in, and pg_hba.conf needs a line for it such as"
                        + " \"host replication " + user + " ADDRESS scram-sha-256\"; then reload the server";
            case "42501" -> "ALTER ROLE " + user + " REPLICATION gives it the right";
            case "53300" ->
                text.contains("max_wal_senders")
                        ? "raise max_wal_senders, with wal_level = replica, or end another replication connection"
                        : "raise max_connections or max_wal_senders, or end other connections";
            case "53400" -> "raise max_replication_slots, or drop a slot that nobody needs";
            case "42710" -> "drop it, or choose another name";
            case "42704" -> "make it again, and take a new base backup if the WAL that it kept is gone";
            case "55006" -> "another connection uses it: end that one, or wait until the server finds it dead";
            case "55000" ->
                text.contains("wal_level") || text.contains("WAL level")
                        ? "set wal_level = replica, and restart the server"
                        : null;
            case "58P01" ->
                "what was asked for is gone from the server: take a new base backup, and keep a replication"
                        + " slot or a larger wal_keep_size from then on";
            case CANNOT_CONNECT_NOW -> "it starts, stops or recovers: try again";
            case "3D000" -> "let dbname name a database that exists";
            default -> null;
        };
    }
}
