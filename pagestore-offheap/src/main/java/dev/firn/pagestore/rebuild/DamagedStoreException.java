package dev.firn.pagestore.rebuild;

/** What the store holds contradicts itself. The message says where; the read that met it is answered with it, and others go on. */
public final class DamagedStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DamagedStoreException(final String message) {
        super(message);
    }

    public DamagedStoreException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
