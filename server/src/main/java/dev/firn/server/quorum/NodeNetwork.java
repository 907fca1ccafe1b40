package dev.firn.server.quorum;

import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.NodeAddress;
import dev.firn.transport.authentication.PeerSecret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How a role reaches the other nodes.
 *
 * @param cluster the deployment's name.
 * @param node this role's id.
 * @param nodes where each node listens.
 * @param walNodes which of them keep the quorum.
 * @param secretFile what all of them know.
 * @param driver which media driver it uses.
 * @param idleProfile what its threads do without work.
 */
public record NodeNetwork(
        String cluster,
        int node,
        Map<Integer, String> nodes,
        Set<Integer> walNodes,
        Path secretFile,
        DriverSource driver,
        IdleProfile idleProfile) {
    public NodeNetwork {
        nodes = Map.copyOf(nodes);
        walNodes = Set.copyOf(walNodes);
    }

    /** Whether the WAL nodes share one host, and so its CPUs and, for all that is known, its disk. */
    boolean isOneHost() {
        return walNodes.stream().allMatch(node -> NodeAddress.IPC.equals(nodes.get(node)));
    }

    /** The number under which WAL nodes know the cluster. */
    public long clusterId() {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(cluster.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }

    /** Connects to the media driver. Blocks; the caller closes it after its agents have ended. */
    public AeronNetwork open(final Clock clock, final RandomGenerator random) {
        final PeerSecret secret;
        try {
            secret = PeerSecret.read(secretFile);
        } catch (final IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
        return new AeronNetwork(AddressTable.of(nodes, secret), choose(clock), secret, clock, random);
    }

    private DriverChoice choose(final Clock clock) {
        try {
            return driver.choose(clock);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("it was asked to stop while it waited for a media driver", e);
        }
    }
}
