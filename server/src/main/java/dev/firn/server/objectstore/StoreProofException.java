package dev.firn.server.objectstore;

/** The store did not prove itself at the start; the message is one sentence that says why. */
final class StoreProofException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreProofException(final String message) {
        super(message);
    }

    StoreProofException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
