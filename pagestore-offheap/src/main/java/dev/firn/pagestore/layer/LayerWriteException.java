package dev.firn.pagestore.layer;

/** A layer cannot be written any more: its sink has failed. */
public final class LayerWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LayerWriteException(final String message) {
        super(message);
    }
}
