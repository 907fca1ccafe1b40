package dev.firn.pagestore.ingest;

/** The log or the base backup cannot be taken: what it is and why, in one sentence. Ingest of this timeline is over. */
public final class IngestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public IngestException(final String message) {
        super(message);
    }

    public IngestException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
