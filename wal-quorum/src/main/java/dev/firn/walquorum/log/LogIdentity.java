package dev.firn.walquorum.log;

import java.util.Objects;

/**
 * What a log is, settled when it is made.
 *
 * @param logId names the timeline's quorum log: the same at all acceptors.
 * @param timeline the name that a person knows it by.
 * @param acceptorId names this disk of it: the node's number in the low 16 bits, the rest random.
 * @param systemIdentifier of the Postgres cluster that writes it.
 * @param postgresMajor the cluster's major version.
 * @param walSegmentBytes how long the cluster's own WAL segments are.
 * @param startLsn where the log began when it was made.
 */
public record LogIdentity(
        long logId,
        String timeline,
        long acceptorId,
        long systemIdentifier,
        int postgresMajor,
        int walSegmentBytes,
        long startLsn) {
    /** Longest name of a timeline. */
    public static final int MAX_TIMELINE_LENGTH = 63;

    private static final int NODE_BITS = 16;

    public LogIdentity {
        Objects.requireNonNull(timeline, "timeline");
        if (!timeline.matches("[a-z0-9][a-z0-9_-]{0,62}")) {
            throw new IllegalArgumentException("\"" + timeline + "\" is no name of a timeline: up to "
                    + MAX_TIMELINE_LENGTH + " small letters, digits, dashes and underscores");
        }
        if (startLsn < 0) {
            throw new IllegalArgumentException("a log cannot begin at LSN " + startLsn);
        }
    }

    /** The node whose disk it is. */
    public int nodeId() {
        return nodeOf(acceptorId);
    }

    /** The node of an acceptor. */
    public static int nodeOf(final long acceptorId) {
        return (int) (acceptorId & ((1 << NODE_BITS) - 1));
    }

    /** The id of an acceptor of this node, drawn with these random bits. */
    public static long acceptorIdOf(final int nodeId, final long random) {
        if (nodeId < 0 || nodeId >= 1 << NODE_BITS) {
            throw new IllegalArgumentException("node " + nodeId + " is not within 0.." + ((1 << NODE_BITS) - 1));
        }
        return random << NODE_BITS | nodeId;
    }
}
