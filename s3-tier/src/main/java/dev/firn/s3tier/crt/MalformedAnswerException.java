package dev.firn.s3tier.crt;

/** An answer that does not say what an answer to its request has to say. The message is a sentence without a full stop. */
final class MalformedAnswerException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedAnswerException(final String message) {
        super(message);
    }

    MalformedAnswerException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
