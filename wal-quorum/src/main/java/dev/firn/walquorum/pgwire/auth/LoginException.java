package dev.firn.walquorum.pgwire.auth;

/** Authentication cannot go on: one sentence. */
public final class LoginException extends Exception {
    private static final long serialVersionUID = 1L;

    LoginException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
