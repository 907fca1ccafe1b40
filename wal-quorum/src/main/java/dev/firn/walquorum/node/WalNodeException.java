package dev.firn.walquorum.node;

/** A WAL node cannot start: one sentence that says what is the matter with its directory, and what to do. */
public final class WalNodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WalNodeException(final String message) {
        super(message);
    }
}
