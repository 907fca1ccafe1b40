package dev.firn.nativeio.memory;

/** Somebody wrote where they had no memory (any more); found in checked mode. The cause says who freed or allocated it. */
public final class MemoryCorruptionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MemoryCorruptionException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
