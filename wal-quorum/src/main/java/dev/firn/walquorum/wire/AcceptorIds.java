package dev.firn.walquorum.wire;

import java.util.random.RandomGenerator;

/** Acceptor ids: positive numbers, the node id in the low 16 bits, the rest random. */
public final class AcceptorIds {
    private static final int NODE_BITS = 16;
    private static final long NODE_MASK = (1L << NODE_BITS) - 1;

    private AcceptorIds() {}

    /** A new id for a log that is made on this node. */
    public static long draw(final int node, final RandomGenerator random) {
        return (random.nextLong(1, Long.MAX_VALUE >>> NODE_BITS) << NODE_BITS) | (node & NODE_MASK);
    }

    /** Which node to speak to. */
    public static int node(final long acceptorId) {
        return (int) (acceptorId & NODE_MASK);
    }
}
