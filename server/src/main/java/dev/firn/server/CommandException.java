package dev.firn.server;

/** Something failed that the user can act on: the message is one sentence that says what to do. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandException(final String sentence) {
        super(sentence);
    }

    public CommandException(final String sentence, final Throwable cause) {
        super(sentence, cause);
    }
}
