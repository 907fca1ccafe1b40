package dev.firn.server.storage;

/** What was flushed is not what was read back, or the disk did not answer. */
final class ProbeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProbeException(final String message) {
        super(message);
    }
}
