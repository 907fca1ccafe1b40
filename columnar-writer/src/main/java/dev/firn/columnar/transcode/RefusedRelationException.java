package dev.firn.columnar.transcode;

/** A relation that the lake cannot hold as it is; the message says why and what to do. */
public final class RefusedRelationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedRelationException(final String message) {
        super(message);
    }
}
