package dev.firn.walquorum.json;

/** A text that is not what it should be: damaged, of a future format, or something else. The message is one sentence. */
public final class MalformedJsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedJsonException(final String message) {
        super(message);
    }

    MalformedJsonException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
