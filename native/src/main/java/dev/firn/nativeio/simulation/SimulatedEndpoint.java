package dev.firn.nativeio.simulation;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One host's place on a {@link SimulatedNetwork}. */
final class SimulatedEndpoint implements Endpoint {
    /** A message does not start at offset 0 of the buffer that it is delivered in: code that assumes so is found. */
    private static final int HEADROOM = 32;

    private record Message(int source, byte[] content) {}

    private final SimulatedNetwork network;
    private final int node;
    private final ArrayDeque<Message> inbox = new ArrayDeque<>();
    private final UnsafeBuffer view = new UnsafeBuffer();
    private boolean closed;
    private boolean delivering;

    SimulatedEndpoint(final SimulatedNetwork network, final int node) {
        this.network = network;
        this.node = node;
    }

    /** False when the inbox is full. */
    boolean offer(final int source, final byte[] content) {
        if (inbox.size() >= SimulatedNetwork.INBOX_MESSAGES) {
            return false;
        }
        inbox.add(new Message(source, content));
        return true;
    }

    @Override
    public int nodeId() {
        return node;
    }

    @Override
    public int maxMessageLength() {
        return MAX_MESSAGE_LENGTH;
    }

    @Override
    public SendResult send(final int destinationNodeId, final DirectBuffer buffer, final int offset, final int length) {
        return closed ? SendResult.CLOSED : network.send(node, destinationNodeId, buffer, offset, length);
    }

    @Override
    public int poll(final MessageHandler handler, final int limit) {
        if (delivering) {
            throw new IllegalStateException("a message handler must not poll its endpoint");
        }
        int delivered = 0;
        delivering = true;
        try {
            while (delivered < limit && !inbox.isEmpty()) {
                final Message message = inbox.remove();
                final byte[] lent = new byte[HEADROOM + message.content().length];
                System.arraycopy(message.content(), 0, lent, HEADROOM, message.content().length);
                view.wrap(lent);
                delivered++;
                handler.onMessage(message.source(), view, HEADROOM, message.content().length);
                // The buffer was lent for the call: who kept it reads garbage.
                Arrays.fill(lent, RingOperation.SCRIBBLE);
            }
        } finally {
            delivering = false;
        }
        if (delivered > 0 && !closed) {
            network.onPolled(node);
        }
        return delivered;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            inbox.clear();
            network.onClosed(node);
        }
    }
}
