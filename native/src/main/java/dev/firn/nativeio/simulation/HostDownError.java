package dev.firn.nativeio.simulation;

/**
 * The simulated process is no more: power was lost or it was killed, and code of that life still calls.
 *
 * <p>An {@link Error}, so that production code which handles exceptions does not take it for one it can handle: a real
 * process would not run on either. The simulation catches it where it called the code.
 */
public final class HostDownError extends Error {
    private static final long serialVersionUID = 1L;

    HostDownError(final String message) {
        super(message);
    }
}
