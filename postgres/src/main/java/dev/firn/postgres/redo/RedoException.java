package dev.firn.postgres.redo;

import dev.firn.postgres.lsn.Lsn;

/** A record that does not fit the page that it changes, or that nobody knows: which one, where, and why. */
public final class RedoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long lsn;

    RedoException(final long lsn, final String message, final Throwable cause) {
        super("WAL record at " + Lsn.format(lsn) + ": " + message, cause);
        this.lsn = lsn;
    }

    /** Where the record starts. */
    public long lsn() {
        return lsn;
    }
}
