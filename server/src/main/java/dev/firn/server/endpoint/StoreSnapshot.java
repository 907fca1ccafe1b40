package dev.firn.server.endpoint;

import dev.firn.s3tier.store.StoreCounters;
import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleStatus;

/**
 * The object store at one moment.
 *
 * @param url names no secret.
 * @param description what the store says of itself; empty before it is open.
 * @param role of the role that answers for it.
 * @param counters null before it is open.
 */
public record StoreSnapshot(String url, String description, RoleStatus role, StoreCounters counters) {
    /** The state in one word. */
    public String state() {
        if (role.phase() == RoleStatus.Phase.STARTING && role.health() == RoleHealth.State.HEALTHY) {
            return "starting";
        }
        return role.serves() && role.health() == RoleHealth.State.HEALTHY ? "ok" : "degraded";
    }
}
