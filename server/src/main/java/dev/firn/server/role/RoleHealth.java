package dev.firn.server.role;

/**
 * How a running role is.
 *
 * @param detail what there is to say, in one sentence; may be empty when healthy.
 */
public record RoleHealth(State state, String detail) {
    /** From best to worst. */
    public enum State {
        HEALTHY,
        /** Serves, but worse than it should. */
        DEGRADED,
        /** Does not serve now, and may come back by itself. */
        STALLED,
        /** Will not come back by itself: the supervisor stops it and starts a new one. */
        FAILED
    }

    public static RoleHealth healthy(final String detail) {
        return new RoleHealth(State.HEALTHY, detail);
    }

    public static RoleHealth degraded(final String detail) {
        return new RoleHealth(State.DEGRADED, detail);
    }

    public static RoleHealth stalled(final String detail) {
        return new RoleHealth(State.STALLED, detail);
    }

    public static RoleHealth failed(final String detail) {
        return new RoleHealth(State.FAILED, detail);
    }
}
