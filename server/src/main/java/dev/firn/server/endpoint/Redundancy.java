package dev.firn.server.endpoint;

import dev.firn.server.role.RoleStatus;
import java.util.List;
import java.util.Set;

/**
 * Roles that stand in for each other: the whole serves while enough of them do.
 *
 * @param roles their names.
 * @param needed how many have to serve.
 */
public record Redundancy(Set<String> roles, int needed) {
    /** Where every role counts. */
    public static final Redundancy NONE = new Redundancy(Set.of(), 0);

    public Redundancy {
        roles = Set.copyOf(roles);
    }

    /** Whether all that do not serve are made up for by others. */
    boolean covers(final List<RoleStatus> all) {
        int serving = 0;
        for (final RoleStatus role : all) {
            final boolean isOneOfThem = roles.contains(role.name());
            if (isOneOfThem && role.serves()) {
                serving++;
            } else if (!isOneOfThem && !role.serves()) {
                return false;
            }
        }
        return serving >= needed;
    }
}
