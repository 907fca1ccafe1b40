package dev.firn.walquorum.pgwire.channel;

import java.io.IOException;

/** TLS cannot be had as it is asked for: one sentence. Trying again does not help. */
public final class TlsRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    TlsRefusedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
