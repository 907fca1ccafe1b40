package dev.firn.nativeio.simulation;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
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

    private final MessageClaim.Room claimRoom = new MessageClaim.Room() {
        @Override
        public void commit() {
            endClaim(true);
        }

        @Override
        public void abort() {
            endClaim(false);
        }
    };

    /** Null when no claim is open. */
    private byte[] claimed;

    private int claimDestination;
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
    public int maxClaimLength() {
        return MAX_CLAIM_LENGTH;
    }

    @Override
    public SendResult send(
            final int destinationNodeId,
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength) {
        requireNoClaim();
        if (closed) {
            return SendResult.CLOSED;
        }
        requireLength(destinationNodeId, (long) headLength + bodyLength, MAX_MESSAGE_LENGTH);
        head.boundsCheck(headOffset, headLength);
        body.boundsCheck(bodyOffset, bodyLength);
        final SendResult result = network.admit(node, destinationNodeId, headLength + bodyLength);
        if (result == SendResult.SENT) {
            final byte[] message = new byte[headLength + bodyLength];
            head.getBytes(headOffset, message, 0, headLength);
            body.getBytes(bodyOffset, message, headLength, bodyLength);
            network.transmit(node, destinationNodeId, message);
        }
        return result;
    }

    @Override
    public SendResult claim(final int destinationNodeId, final int length, final MessageClaim claim) {
        requireNoClaim();
        if (closed) {
            return SendResult.CLOSED;
        }
        requireLength(destinationNodeId, length, MAX_CLAIM_LENGTH);
        final SendResult result = network.admit(node, destinationNodeId, length);
        if (result == SendResult.SENT) {
            claimed = new byte[length];
            // What is not written by the claim's owner is no zero in production either.
            Arrays.fill(claimed, RingOperation.SCRIBBLE);
            claimDestination = destinationNodeId;
            claim.open(claimRoom, new UnsafeBuffer(claimed), 0, length);
        }
        return result;
    }

    private static void requireLength(final int destinationNodeId, final long length, final int most) {
        if (length < 0 || length > most) {
            throw new IllegalArgumentException(
                    "a message of " + length + " bytes to node " + destinationNodeId + " is not within 0.." + most);
        }
    }

    private void requireNoClaim() {
        if (claimed != null) {
            throw new IllegalStateException("a claim of node " + node + " is open: commit or abort it first");
        }
    }

    private void endClaim(final boolean committed) {
        final byte[] message = claimed;
        claimed = null;
        if (committed && !closed) {
            network.transmit(node, claimDestination, message);
        }
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
