package dev.firn.s3tier.directory;

/** A directory cannot be opened as a store; the message is one sentence that says why and what to do. */
public final class StoreRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreRefusedException(final String message) {
        super(message);
    }

    public StoreRefusedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
