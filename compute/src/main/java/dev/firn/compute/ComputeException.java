package dev.firn.compute;

/** A Postgres could not be found, made, started or stopped. The message is one sentence first, then what Postgres itself said. */
public final class ComputeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ComputeException(final String message) {
        super(message);
    }

    public ComputeException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
