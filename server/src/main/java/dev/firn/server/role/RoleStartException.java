package dev.firn.server.role;

/** A role did not come up when the system was started. */
public final class RoleStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    RoleStartException(final String role, final String reason, final Throwable cause) {
        super("the " + role + " role did not start: " + reason, cause);
        this.reason = reason;
    }

    /** What the role itself said. */
    public String reason() {
        return reason;
    }
}
