package dev.firn.walquorum.pgwire;

/** An ErrorResponse of the server. */
public final class PostgresException extends PgwireException {
    private static final long serialVersionUID = 1L;

    private final String sqlState;
    private final String severity;
    private final String serverMessage;

    PostgresException(
            final String message,
            final boolean isTransient,
            final String severity,
            final String sqlState,
            final String serverMessage) {
        super(message, isTransient);
        this.severity = severity;
        this.sqlState = sqlState;
        this.serverMessage = serverMessage;
    }

    /** The five characters of the manual's appendix "PostgreSQL Error Codes". */
    public String sqlState() {
        return sqlState;
    }

    /** ERROR, FATAL or PANIC, untranslated. */
    public String severity() {
        return severity;
    }

    /** The server's own words, in its language. */
    public String serverMessage() {
        return serverMessage;
    }
}
