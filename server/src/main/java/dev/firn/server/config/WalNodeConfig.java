package dev.firn.server.config;

import dev.firn.s3tier.location.StoreLocation;
import dev.firn.transport.aeron.AddressTable;
import java.nio.file.Path;

/**
 * What {@code firn run wal-node} is told.
 *
 * @param archiverNode the node id by which its archiver reads committed WAL: one of {@code nodes} that no other node uses.
 * @param store where finished segments are archived; the same for all nodes.
 */
public record WalNodeConfig(RoleConfig role, NetworkConfig network, int archiverNode, StoreLocation store) {
    public static final String NAME = "wal-node";

    public static WalNodeConfig read(final Path file) {
        final ConfigReader reader = ConfigReader.open(file);
        final WalNodeConfig config = new WalNodeConfig(
                RoleConfig.read(reader, NAME),
                NetworkConfig.read(reader),
                reader.number("archiverNode", 1, AddressTable.MAX_NODE_ID),
                store(reader));
        if (!config.network.walNodes().contains(config.network.node())) {
            throw reader.wrong("walNodes", "does not name this node, " + config.network.node());
        }
        if (config.network.walNodes().contains(config.archiverNode)
                || !config.network.nodes().containsKey(config.archiverNode)) {
            throw reader.wrong("archiverNode", "must be one of \"nodes\" and none of \"walNodes\"");
        }
        reader.end();
        return config;
    }

    static StoreLocation store(final ConfigReader reader) {
        final String text = reader.text("store");
        try {
            return StoreLocation.parse(text);
        } catch (final IllegalArgumentException e) {
            throw reader.wrong("store", "does not hold: " + e.getMessage(), e);
        }
    }
}
