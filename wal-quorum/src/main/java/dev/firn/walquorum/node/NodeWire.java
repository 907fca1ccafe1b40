package dev.firn.walquorum.node;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import org.agrona.DirectBuffer;

/** Sends what was just encoded. Not thread-safe. */
final class NodeWire {
    final QuorumMessageWriter writer = new QuorumMessageWriter();
    private final Endpoint endpoint;

    /** Most WAL bytes in one message, whatever stands before them. */
    private final int maxBodyBytes;

    /** More than the block of any message that carries WAL. */
    private static final int MAX_HEAD_BYTES = 128;

    NodeWire(final Endpoint endpoint) {
        this.endpoint = endpoint;
        this.maxBodyBytes = endpoint.maxMessageLength() - MAX_HEAD_BYTES;
    }

    int nodeId() {
        return endpoint.nodeId();
    }

    int maxBodyBytes() {
        return maxBodyBytes;
    }

    /** Sends the message of this length that the writer holds; false when there was no room, or nobody there. */
    boolean send(final int node, final int length) {
        return endpoint.send(node, writer.buffer(), 0, length) == SendResult.SENT;
    }

    /** Sends the message that the writer holds, and these bytes behind it. */
    boolean send(final int node, final int length, final DirectBuffer body, final int offset, final int bodyLength) {
        return endpoint.send(node, writer.buffer(), 0, length, body, offset, bodyLength) == SendResult.SENT;
    }

    /** As {@link #send(int, int)}, to a node that only a message names: it may have no address here. */
    boolean sendToStranger(final int node, final int length) {
        try {
            return send(node, length);
        } catch (final IllegalArgumentException e) {
            return false;
        }
    }
}
