package dev.firn.server.store;

/** The user asked to stop (Ctrl-C, SIGTERM), and everything has been given up that was under way. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoppedException() {
        super("stopped", null, false, false);
    }
}
