package dev.firn.walquorum.log;

/** A log cannot be used: says which file, where in it, and what to do. */
public final class LogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LogException(final String message) {
        super(message);
    }
}
