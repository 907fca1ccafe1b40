package dev.firn.transport.aeron;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which node listens where: the deployment's configuration, the same on every node. Immutable. */
public final class AddressTable {
    /** The wire has 16 bits for a node id; the highest value means "none". */
    public static final int MAX_NODE_ID = 65_534;

    /** Each node that is spoken to costs a log buffer of three terms; the limit keeps that bounded. */
    public static final int MAX_NODES = 64;

    private final SortedMap<Integer, NodeAddress> addresses;

    private AddressTable(final SortedMap<Integer, NodeAddress> addresses) {
        this.addresses = Collections.unmodifiableSortedMap(addresses);
    }

    /**
     * Checks and keeps a table.
     *
     * @param texts node id to {@code host:port} or {@code ipc}; see {@link NodeAddress#parse}.
     */
    public static AddressTable of(final Map<Integer, String> texts) {
        if (texts.isEmpty() || texts.size() > MAX_NODES) {
            throw new IllegalArgumentException(texts.size() + " nodes are not within 1.." + MAX_NODES);
        }
        final SortedMap<Integer, NodeAddress> addresses = new TreeMap<>();
        final Set<NodeAddress> sockets = new HashSet<>();
        texts.forEach((nodeId, text) -> {
            if (nodeId < 0 || nodeId > MAX_NODE_ID) {
                throw new IllegalArgumentException("node id " + nodeId + " is not within 0.." + MAX_NODE_ID);
            }
            final NodeAddress address = NodeAddress.parse(text);
            if (address instanceof final NodeAddress.Udp udp) {
                refuseBeyondLoopback(nodeId, udp);
                if (!sockets.add(udp)) {
                    throw new IllegalArgumentException("node " + nodeId + ": another node has " + udp + " already");
                }
            }
            addresses.put(nodeId, address);
        });
        return new AddressTable(addresses);
    }

    private static void refuseBeyondLoopback(final int nodeId, final NodeAddress.Udp udp) {
        if (!udp.host().isLoopbackAddress()) {
            throw new IllegalArgumentException("node " + nodeId + ": " + udp
                    + " is refused because it is not a loopback address and peers are not authenticated yet");
        }
    }

    /** Where a node listens. Throws {@link IllegalArgumentException} when the table does not have it. */
    public NodeAddress get(final int nodeId) {
        final NodeAddress address = addresses.get(nodeId);
        if (address == null) {
            throw new IllegalArgumentException("node " + nodeId + " is not in the address table " + this);
        }
        return address;
    }

    /** The nodes in ascending order. */
    public Set<Integer> nodeIds() {
        return addresses.keySet();
    }

    @Override
    public String toString() {
        return addresses.toString();
    }
}
