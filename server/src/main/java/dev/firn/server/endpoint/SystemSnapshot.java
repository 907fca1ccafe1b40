package dev.firn.server.endpoint;

import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleStatus;
import java.util.List;
import java.util.Map;

/**
 * A process at one moment, as the endpoint shows it: the whole system, or one role on its own.
 *
 * @param role {@code up}, or what {@code firn run} calls the role.
 * @param ring what the storage role's ring says of itself; empty before it is open.
 * @param direct whether files are read and written past the page cache.
 * @param redundancy which roles stand in for each other.
 * @param store the object store; null when the process has none to answer for.
 * @param quorum WAL nodes and timelines: all of the system's, or what this role knows.
 * @param memory off-heap bytes by tag.
 */
public record SystemSnapshot(
        String role,
        String version,
        long pid,
        String directory,
        String url,
        long startedEpochNs,
        long nowEpochNs,
        String ring,
        boolean direct,
        List<RoleStatus> roles,
        Redundancy redundancy,
        StoreSnapshot store,
        QuorumSnapshot quorum,
        Map<String, Long> memory) {
    /** The whole in one word. */
    public enum Health {
        OK,
        /** The whole serves, with a part that others stand in for, or that serves worse than it should. */
        DEGRADED,
        /** Some part that is needed does not serve now. */
        FAILING
    }

    public Health health() {
        if (!redundancy.covers(roles)) {
            return Health.FAILING;
        }
        final boolean isWhole =
                roles.stream().allMatch(role -> role.serves() && role.health() == RoleHealth.State.HEALTHY);
        return isWhole ? Health.OK : Health.DEGRADED;
    }
}
