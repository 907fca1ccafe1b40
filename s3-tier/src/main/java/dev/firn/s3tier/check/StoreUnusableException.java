package dev.firn.s3tier.check;

import dev.firn.s3tier.store.FailureKind;

/** The store cannot be judged, because nothing can be done in it: it is not there, or does not let us in. */
public final class StoreUnusableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    StoreUnusableException(final FailureKind kind, final String message) {
        super(message);
        this.kind = kind;
    }

    public FailureKind kind() {
        return kind;
    }
}
