package dev.firn.s3tier.check;

/** A check's own way to say that the store did not do what is asked. Carries no stack: it is an answer, not a defect. */
final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(final String seen) {
        super(seen, null, false, false);
    }
}
