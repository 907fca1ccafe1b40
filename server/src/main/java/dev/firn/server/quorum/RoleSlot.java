package dev.firn.server.quorum;

import dev.firn.server.role.Role;
import java.util.function.Supplier;

/** Where the object of a role's newest start is found: the supervisor makes one for each. */
public final class RoleSlot implements Supplier<Role> {
    private final Supplier<? extends QuorumRole> factory;
    private volatile QuorumRole newest;

    public RoleSlot(final Supplier<? extends QuorumRole> factory) {
        this.factory = factory;
    }

    /** Makes the object for a start. */
    @Override
    public Role get() {
        final QuorumRole role = factory.get();
        newest = role;
        return role;
    }

    /** What the newest object knows. */
    public QuorumSnapshot quorum() {
        final QuorumRole role = newest;
        return role == null ? QuorumSnapshot.NONE : role.quorum();
    }
}
