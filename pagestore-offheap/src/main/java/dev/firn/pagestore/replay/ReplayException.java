package dev.firn.pagestore.replay;

/** A replay that can't go on: the message is one sentence that says why, with file and place. */
public final class ReplayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ReplayException(final String sentence) {
        super(sentence);
    }

    public ReplayException(final String sentence, final Throwable cause) {
        super(sentence, cause);
    }
}
