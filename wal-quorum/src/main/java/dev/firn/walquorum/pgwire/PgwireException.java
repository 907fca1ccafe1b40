package dev.firn.walquorum.pgwire;

/**
 * The conversation with a Postgres server failed: it cannot be reached, is lost, says what it must not, or refuses
 * ({@link PostgresException}). The message is one sentence that says what to do, where there is something.
 */
public sealed class PgwireException extends RuntimeException permits PostgresException {
    private static final long serialVersionUID = 1L;

    private final boolean isTransient;

    private PgwireException(final String message, final boolean isTransient, final Throwable cause) {
        super(message, cause);
        this.isTransient = isTransient;
    }

    PgwireException(final String message, final boolean isTransient) {
        this(message, isTransient, null);
    }

    /** The server cannot be reached, or is lost: another try may succeed. */
    public static PgwireException lost(final String message) {
        return new PgwireException(message, true, null);
    }

    public static PgwireException lost(final String message, final Throwable cause) {
        return new PgwireException(message, true, cause);
    }

    /** It will be the same the next time, until somebody changes something. */
    public static PgwireException refused(final String message) {
        return new PgwireException(message, false, null);
    }

    public static PgwireException refused(final String message, final Throwable cause) {
        return new PgwireException(message, false, cause);
    }

    /** Whether another try may succeed with nothing changed. */
    public final boolean isTransient() {
        return isTransient;
    }
}
