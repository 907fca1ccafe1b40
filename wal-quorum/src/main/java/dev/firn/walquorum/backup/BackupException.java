package dev.firn.walquorum.backup;

/** A backup that is not what it should be, or could not be taken. The message is one sentence. */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackupException(final String message) {
        super(message);
    }

    public BackupException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
