package dev.firn.transport.aeron;

import dev.firn.transport.authentication.PeerSecret;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
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
        final AddressTable table = ofAny(texts);
        table.requireLoopback();
        return table;
    }

    /**
     * As {@link #of}, with addresses beyond loopback as well: for networks whose nodes authenticate.
     *
     * @param secret what {@link AeronNetwork} is then given, too.
     */
    public static AddressTable of(final Map<Integer, String> texts, final PeerSecret secret) {
        Objects.requireNonNull(secret, "secret");
        return ofAny(texts);
    }

    private static AddressTable ofAny(final Map<Integer, String> texts) {
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
                if (udp.host().isAnyLocalAddress() || udp.host().isMulticastAddress()) {
                    throw new IllegalArgumentException("node " + nodeId + ": " + udp
                            + " is no address that others could send to: name one interface's");
                }
                if (!sockets.add(udp)) {
                    throw new IllegalArgumentException("node " + nodeId + ": another node has " + udp + " already");
                }
            }
            addresses.put(nodeId, address);
        });
        return new AddressTable(addresses);
    }

    /** Refuses a table of which a node could be reached from other hosts. */
    void requireLoopback() {
        addresses.forEach((nodeId, address) -> {
            if (address instanceof final NodeAddress.Udp udp && !udp.host().isLoopbackAddress()) {
                throw new IllegalArgumentException(
                        "node " + nodeId + ": " + udp
                                + " is refused because it is not a loopback address: without a secret, peers do not authenticate");
            }
        });
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
