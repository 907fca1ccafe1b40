package dev.firn.server.config;

import dev.firn.s3tier.location.StoreLocation;
import java.nio.file.Path;

/**
 * What {@code firn run receiver} is told.
 *
 * @param store where base backups, histories and the catalogue of timelines are.
 * @param timeline the name of what it follows: {@code firn attach --name}.
 * @param connInfoFile holds libpq's connection string of the primary; a file of its own, for there may be a password in it.
 */
public record ReceiverConfig(
        RoleConfig role, NetworkConfig network, StoreLocation store, String timeline, Path connInfoFile) {
    public static final String NAME = "receiver";

    public static ReceiverConfig read(final Path file) {
        final ConfigReader reader = ConfigReader.open(file);
        final ReceiverConfig config = new ReceiverConfig(
                RoleConfig.read(reader, NAME),
                NetworkConfig.read(reader),
                WalNodeConfig.store(reader),
                reader.matching("timeline", RoleConfig.NAME, RoleConfig.NAME_RULE),
                reader.path("connInfoFile"));
        if (config.network.walNodes().contains(config.network.node())) {
            throw reader.wrong("node", "is a WAL node's: give the receiver an id of its own");
        }
        reader.end();
        return config;
    }
}
