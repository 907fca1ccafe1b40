package dev.firn.pagestore.layer;

/** The store did not give a layer's bytes. Trying again later may help. */
public final class LayerReadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LayerReadException(final String message) {
        super(message);
    }
}
