package dev.firn.s3tier.check;

/** The check was asked to stop, or its time is over. Carries no stack. */
final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped(final String reason) {
        super(reason, null, false, false);
    }
}
