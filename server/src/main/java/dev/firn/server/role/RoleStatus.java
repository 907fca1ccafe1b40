package dev.firn.server.role;

/**
 * A role at one moment.
 *
 * @param detail the health's or the failure's sentence.
 * @param sinceEpochNs when this phase began.
 * @param restarts restarts since the supervisor started.
 */
public record RoleStatus(
        String name, Phase phase, RoleHealth.State health, String detail, long sinceEpochNs, int restarts) {
    /** Where in its life a role is. */
    public enum Phase {
        STARTING,
        RUNNING,
        /** Failed, and waits for its restart. */
        BACKING_OFF,
        /** Failed for good. */
        GIVEN_UP,
        STOPPED
    }

    /** Whether the role does its work now, well or badly. */
    public boolean serves() {
        return phase == Phase.RUNNING && (health == RoleHealth.State.HEALTHY || health == RoleHealth.State.DEGRADED);
    }
}
