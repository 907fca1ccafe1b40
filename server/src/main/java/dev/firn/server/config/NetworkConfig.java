package dev.firn.server.config;

import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.server.CommandException;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.transport.authentication.PeerSecret;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a node reaches the others. But for {@code node}, it is the same on all nodes of a deployment.
 *
 * @param node this node's id.
 * @param nodes where each node listens: {@code host:port}, or {@code ipc} when all share one host.
 * @param walNodes which of them keep the quorum.
 * @param secretFile what all of them know and nobody else: a file of mode 0600.
 * @param mediaDriver directory of the {@code media-driver} role of this host; empty for a driver inside the process.
 * @param profile of a driver inside the process, and of this role's own threads.
 */
public record NetworkConfig(
        int node,
        Map<Integer, String> nodes,
        Set<Integer> walNodes,
        Path secretFile,
        Optional<Path> mediaDriver,
        DriverProfile profile) {
    /** More acceptors than this make commits slower and nothing safer. */
    private static final int MAX_WAL_NODES = 7;

    static NetworkConfig read(final ConfigReader reader) {
        final int node = reader.number("node", 1, AddressTable.MAX_NODE_ID);
        final Map<Integer, String> nodes = reader.texts("nodes");
        if (!nodes.containsKey(node)) {
            throw reader.wrong("nodes", "has no address for this node, " + node);
        }
        final Path secretFile = reader.path("secretFile");
        try {
            AddressTable.of(nodes, PeerSecret.read(secretFile));
        } catch (final IllegalArgumentException e) {
            throw new CommandException(reader.file() + ": " + e.getMessage(), e);
        }
        final Set<Integer> walNodes = reader.numbers("walNodes");
        if (walNodes.isEmpty()
                || walNodes.size() > MAX_WAL_NODES
                || !nodes.keySet().containsAll(walNodes)) {
            throw reader.wrong("walNodes", "must name 1 to " + MAX_WAL_NODES + " of \"nodes\"");
        }
        return new NetworkConfig(
                node,
                nodes,
                walNodes,
                reader.path("secretFile"),
                reader.optionalPath("mediaDriver"),
                profile(reader, "profile"));
    }

    static DriverProfile profile(final ConfigReader reader, final String key) {
        final String name = reader.optionalText(key).orElse(DriverProfile.SHARED_MACHINE.configName());
        try {
            return DriverProfile.of(name);
        } catch (final IllegalArgumentException e) {
            throw reader.wrong(key, "does not hold: " + e.getMessage(), e);
        }
    }

    /** What this role's threads do without work. */
    public IdleProfile idleProfile() {
        return switch (profile) {
            case LOWEST_LATENCY -> IdleProfile.LOWEST_LATENCY;
            case SHARED_MACHINE -> IdleProfile.SHARED_MACHINE;
            case POWER_SAVING -> IdleProfile.POWER_SAVING;
        };
    }
}
