package dev.firn.s3tier.check;

/** A check could not be judged this time: the answer of a write was lost in the middle of it. Carries no stack. */
final class Unjudged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unjudged(final String seen) {
        super(seen, null, false, false);
    }
}
