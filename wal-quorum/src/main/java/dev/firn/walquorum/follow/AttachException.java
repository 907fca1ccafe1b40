package dev.firn.walquorum.follow;

/** A server could not be attached or detached. The message is one sentence that says what to do, where there is something. */
public final class AttachException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AttachException(final String sentence) {
        super(sentence);
    }

    public AttachException(final String sentence, final Throwable cause) {
        super(sentence, cause);
    }
}
