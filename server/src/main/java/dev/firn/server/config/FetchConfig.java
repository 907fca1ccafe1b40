package dev.firn.server.config;

import dev.firn.s3tier.location.StoreLocation;
import java.nio.file.Path;

/**
 * What the commands that fetch are told where no {@code up} is.
 *
 * @param cluster the deployment's name.
 * @param network how WAL nodes are reached, as a node of its own: two commands that run at once want two ids.
 * @param store where base backups and archive are.
 */
public record FetchConfig(String cluster, NetworkConfig network, StoreLocation store) {
    private static final String NAME = "fetch";

    public static FetchConfig read(final Path file) {
        final ConfigReader reader = ConfigReader.open(file);
        RoleConfig.requireRole(reader, NAME);
        final FetchConfig config = new FetchConfig(
                reader.matching("cluster", RoleConfig.NAME, RoleConfig.NAME_RULE),
                NetworkConfig.read(reader),
                WalNodeConfig.store(reader));
        if (config.network.walNodes().contains(config.network.node())) {
            throw reader.wrong("node", "is a WAL node's: give the command an id of its own");
        }
        reader.end();
        return config;
    }
}
