package dev.firn.pagestore.layer;

/** Bytes that are not the layer's that they should be. The message says which layer, where in it, and what was found. */
public final class MalformedLayerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedLayerException(final String message) {
        super(message);
    }

    public MalformedLayerException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
