package dev.firn.nvmecache;

/**
 * The file is not a cache that this cluster may use: another cluster's, of another version, or damaged beyond knowing. It is
 * left as it is, because only its owner knows what it was; the message says what to do.
 */
public final class CacheRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CacheRefusedException(final String message) {
        super(message);
    }
}
