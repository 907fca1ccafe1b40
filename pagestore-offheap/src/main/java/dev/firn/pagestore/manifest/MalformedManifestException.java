package dev.firn.pagestore.manifest;

/** Bytes that are no manifest. The message says what was found, and where. */
public final class MalformedManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedManifestException(final String message) {
        super(message);
    }

    MalformedManifestException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
