package dev.firn.postgres;

/**
 * Bytes that are not what Postgres writes there. The message says which structure, where in it, and what was found; whoever
 * knows the file, the relation and block, or the LSN adds them.
 */
public final class MalformedDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedDataException(final String message) {
        super(message);
    }

    public MalformedDataException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
