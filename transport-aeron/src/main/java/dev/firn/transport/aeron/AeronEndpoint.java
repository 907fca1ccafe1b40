package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import io.aeron.Aeron;
import io.aeron.ControlledFragmentAssembler;
import io.aeron.Subscription;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import org.agrona.DirectBuffer;
import org.agrona.LangUtil;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.IntHashSet;

/**
 * One node on Aeron.
 *
 * <p>Between nodes that stay up, Aeron delivers in order and repairs loss; a restart on either side loses what was on the
 * way. Protocols must not rely on the first: {@link Endpoint} promises less.
 *
 * <p><b>Memory:</b> each node that was sent to costs a log buffer of three terms; each that sends here does so as well
 * over UDP. Assembling fragmented messages costs, for each sender's session, a buffer as long as its longest message; it is
 * given back when the session ends.
 */
public final class AeronEndpoint implements Endpoint {
    /** Most fragments that one poll consumes beyond its limit of messages; bounds a duty cycle. */
    static final int MAX_EXTRA_FRAGMENTS = 256;

    /** What the buffer of a fragmented session begins with; it doubles as needed. */
    private static final int INITIAL_ASSEMBLY_LENGTH = 64 << 10;

    private final AeronNetwork network;
    private final int nodeId;
    private final FrameReader reader;
    private final EndpointCounters counters = new EndpointCounters();
    private final Int2ObjectHashMap<PeerPublication> peers;
    private final Subscription subscription;
    private final ControlledFragmentAssembler assembler =
            new ControlledFragmentAssembler(this::onFrame, INITIAL_ASSEMBLY_LENGTH);
    private final ControlledFragmentHandler fragmentHandler = this::onFragment;
    private final IntHashSet fragmentedSessions = new IntHashSet();

    /** Set by Aeron's thread when a session has ended, cleared by the owner once its buffers are given back. */
    private volatile boolean sessionEnded;

    private volatile boolean closed;
    private String ownerName;
    private long ownerId;
    private MessageHandler handler;
    private int delivered;
    private Throwable handlerFailure;

    /** @param peers publications to every node of the table; closed with this endpoint. */
    AeronEndpoint(
            final AeronNetwork network,
            final Aeron aeron,
            final int nodeId,
            final FrameReader reader,
            final Int2ObjectHashMap<PeerPublication> peers,
            final String channel,
            final int streamId) {
        this.network = network;
        this.nodeId = nodeId;
        this.reader = reader;
        this.peers = peers;
        this.subscription = aeron.addSubscription(channel, streamId, image -> {}, image -> sessionEnded = true);
    }

    @Override
    public int nodeId() {
        return nodeId;
    }

    @Override
    public int maxMessageLength() {
        return MAX_MESSAGE_LENGTH;
    }

    public EndpointCounters counters() {
        return counters;
    }

    /** Whether a message to this node would find somebody listening. For the owner, or before there is one. */
    public boolean connectedTo(final int destinationNodeId) {
        return !closed && peer(destinationNodeId).connected();
    }

    /**
     * A node may send to itself. The first message to a node opens the way there, and so finds nobody connected; try again in
     * a later duty cycle.
     *
     * @throws IllegalArgumentException for a node that is not in the table.
     * @throws IllegalStateException when the media driver is gone, or has no room for another log buffer.
     */
    @Override
    public SendResult send(final int destinationNodeId, final DirectBuffer buffer, final int offset, final int length) {
        checkOwner();
        if (length < 0 || length > MAX_MESSAGE_LENGTH) {
            throw new IllegalArgumentException("message of " + length + " bytes from node " + nodeId + " to node "
                    + destinationNodeId + " is not within 0.." + MAX_MESSAGE_LENGTH);
        }
        buffer.boundsCheck(offset, length);
        final PeerPublication peer = peer(destinationNodeId);
        if (closed) {
            return SendResult.CLOSED;
        }
        if (subscription.isClosed()) {
            throw network.driverGone();
        }
        final SendResult result = peer.send(buffer, offset, length);
        counters.increment(
                switch (result) {
                    case SENT -> EndpointCounter.SENT;
                    case BACK_PRESSURED -> EndpointCounter.BACK_PRESSURED;
                    case NOT_CONNECTED -> EndpointCounter.NOT_CONNECTED;
                    case CLOSED -> throw network.driverGone();
                });
        if (result == SendResult.SENT) {
            counters.add(EndpointCounter.SENT_BYTES, length);
        }
        return result;
    }

    private PeerPublication peer(final int destinationNodeId) {
        final PeerPublication peer = peers.get(destinationNodeId);
        if (peer == null) {
            throw new IllegalArgumentException("node " + nodeId + " has no address for node " + destinationNodeId);
        }
        return peer;
    }

    /**
     * Delivers what has arrived. What the handler throws is thrown on, after the message that it was given; the messages
     * behind that one stay for the next poll. Throws {@link IllegalStateException} when the media driver is gone.
     */
    @Override
    public int poll(final MessageHandler messageHandler, final int limit) {
        checkOwner();
        if (handler != null) {
            throw new IllegalStateException("poll of node " + nodeId + " from inside its own message handler");
        }
        if (closed) {
            return 0;
        }
        if (subscription.isClosed()) {
            throw network.driverGone();
        }
        if (sessionEnded) {
            freeEndedSessions();
        }
        handler = messageHandler;
        delivered = 0;
        try {
            int budget = (int) Math.min(Integer.MAX_VALUE, (long) limit + MAX_EXTRA_FRAGMENTS);
            int fragments = 1;
            while (delivered < limit && fragments > 0 && handlerFailure == null) {
                fragments = subscription.controlledPoll(fragmentHandler, Math.min(limit - delivered, budget));
                budget -= fragments;
            }
        } finally {
            handler = null;
        }
        if (handlerFailure != null) {
            final Throwable failure = handlerFailure;
            handlerFailure = null;
            LangUtil.rethrowUnchecked(failure);
        }
        return delivered;
    }

    private void freeEndedSessions() {
        sessionEnded = false;
        final IntHashSet.IntIterator sessions = fragmentedSessions.iterator();
        while (sessions.hasNext()) {
            final int sessionId = sessions.nextValue();
            if (subscription.imageBySessionId(sessionId) == null) {
                assembler.freeSessionBuffer(sessionId);
                sessions.remove();
            }
        }
    }

    /** Aeron swallows what a fragment handler throws, so it is kept, and everything behind it is put back. */
    private Action onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        if (handlerFailure != null || closed) {
            return Action.ABORT;
        }
        if ((header.flags() & FrameDescriptor.UNFRAGMENTED) != FrameDescriptor.UNFRAGMENTED) {
            fragmentedSessions.add(header.sessionId());
        }
        return assembler.onFragment(buffer, offset, length, header);
    }

    private Action onFrame(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        final FrameVerdict verdict = reader.read(buffer, offset, length);
        counters.increment(verdict.counter());
        if (verdict != FrameVerdict.ACCEPTED) {
            return Action.CONTINUE;
        }
        final int payloadLength = length - FrameLayout.HEADER_LENGTH;
        counters.add(EndpointCounter.RECEIVED_BYTES, payloadLength);
        delivered++;
        try {
            handler.onMessage(reader.sourceNodeId(), buffer, offset + FrameLayout.HEADER_LENGTH, payloadLength);
        } catch (final Throwable failure) {
            handlerFailure = failure;
            return Action.BREAK;
        }
        return Action.CONTINUE;
    }

    /** An exclusive publication and the assembler are for one thread; a second one would corrupt frames silently. */
    private void checkOwner() {
        final Thread current = Thread.currentThread();
        if (ownerName == null) {
            ownerName = current.getName();
            ownerId = current.threadId();
        }
        if (ownerId != current.threadId()) {
            throw new IllegalStateException("endpoint of node " + nodeId + " belongs to thread " + ownerName
                    + ", called by " + current.getName());
        }
    }

    /** Call it when the owner has stopped, or as the owner. What was sent and is not yet on the wire may be lost. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            subscription.close();
            peers.values().forEach(PeerPublication::close);
            network.closed(this);
        }
    }
}
