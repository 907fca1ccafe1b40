package dev.firn.server.quorum;

import dev.firn.server.config.NetworkConfig;
import dev.firn.server.config.RoleConfig;

/** From what a configuration file says to what a role is made of. */
public final class RoleSettings {
    private RoleSettings() {}

    public static NodeNetwork network(final RoleConfig role, final NetworkConfig network) {
        return network(role.cluster(), network);
    }

    /** @param cluster the deployment's name. */
    public static NodeNetwork network(final String cluster, final NetworkConfig network) {
        return new NodeNetwork(
                cluster,
                network.node(),
                network.nodes(),
                network.walNodes(),
                network.secretFile(),
                network.mediaDriver()
                        .map(DriverSource::ofRole)
                        .orElseGet(() -> DriverSource.embedded(network.profile())),
                network.idleProfile());
    }
}
