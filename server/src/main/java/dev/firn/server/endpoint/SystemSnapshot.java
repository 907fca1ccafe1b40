package dev.firn.server.endpoint;

import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleStatus;
import java.util.List;
import java.util.Map;

/**
 * The system at one moment, as the endpoint shows it.
 *
 * @param ring what the storage role's ring says of itself; empty before it is open.
 * @param direct whether files are read and written past the page cache.
 * @param store the object store.
 * @param memory off-heap bytes by tag.
 */
public record SystemSnapshot(
        String version,
        long pid,
        String directory,
        String url,
        long startedEpochNs,
        long nowEpochNs,
        String ring,
        boolean direct,
        List<RoleStatus> roles,
        StoreSnapshot store,
        Map<String, Long> memory) {
    /** The whole in one word. */
    public enum Health {
        OK,
        /** All serve, some worse than they should. */
        DEGRADED,
        /** Some part does not serve now. */
        FAILING
    }

    public Health health() {
        if (!roles.stream().allMatch(RoleStatus::serves)) {
            return Health.FAILING;
        }
        return roles.stream().allMatch(role -> role.health() == RoleHealth.State.HEALTHY) ? Health.OK : Health.DEGRADED;
    }
}
