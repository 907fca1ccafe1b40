package dev.firn.walquorum.pgwire.conninfo;

/** A connection string that cannot be used: one sentence, which holds nothing secret. */
public final class ConnInfoException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ConnInfoException(final String message) {
        super(message);
    }

    ConnInfoException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
