package dev.firn.s3tier.location;

/** A store cannot be opened; the message is one sentence that says why and what to do. */
public final class StoreOpeningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreOpeningException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
