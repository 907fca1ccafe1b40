package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.wakeup.Doorbell;
import dev.firn.transport.authentication.Authenticator;
import io.aeron.Aeron;
import io.aeron.ControlledFragmentAssembler;
import io.aeron.Subscription;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import java.util.List;
import java.util.Optional;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.LangUtil;
import org.agrona.collections.Int2IntHashMap;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * One node on Aeron.
 *
 * <p>Between nodes that stay up, Aeron delivers in order and repairs loss; a restart on either side loses what was on the
 * way. Protocols must not rely on the first: {@link Endpoint} promises less.
 *
 * <p><b>Memory:</b> each node that was sent to costs a log buffer of three terms; each that sends here does so as well
 * over UDP. Assembling fragmented messages costs, for each sender's session, a buffer as long as its longest message, two MiB at
 * most; it is given back when the session ends.
 */
public final class AeronEndpoint implements Endpoint {
    /** Most fragments that one poll consumes beyond its limit of messages; bounds a duty cycle. */
    static final int MAX_EXTRA_FRAGMENTS = 256;

    /**
     * A poll that comes to the end of a term passes over the padding there, and says that there was nothing. The next one finds
     * what follows; an owner that went to sleep in between would miss it.
     */
    private static final int EMPTY_POLLS = 2;

    /** Whoever can send to a port could else send fragments without an end, and let the assembler's buffer grow. */
    private static final int MAX_ASSEMBLED_LENGTH = FrameLayout.SEALED_HEADER_LENGTH + MAX_MESSAGE_LENGTH;

    private static final int NOT_BEGUN = -1;
    private static final int TOO_LONG = -2;

    /** What the buffer of a fragmented session begins with; it doubles as needed. */
    private static final int INITIAL_ASSEMBLY_LENGTH = 64 << 10;

    private final AeronNetwork network;
    private final int nodeId;
    private final int maxMessageLength;
    private final FrameGate gate;

    /** Null when nodes do not authenticate. */
    private final Authenticator authenticator;

    private final EndpointCounters counters = new EndpointCounters();
    private final Int2ObjectHashMap<PeerPublication> peers;
    private final Subscription subscription;

    /** Null when nobody rings here. */
    private final Doorbell doorbell;

    private final ControlledFragmentAssembler assembler =
            new ControlledFragmentAssembler(this::onFrame, INITIAL_ASSEMBLY_LENGTH);
    private final ControlledFragmentHandler fragmentHandler = this::onFragment;

    /** By Aeron's session: how much of the message that is being assembled has come, or {@link #TOO_LONG}. */
    private final Int2IntHashMap assembled = new Int2IntHashMap(NOT_BEGUN);

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

    /** The peer whose claim is open, or null. */
    private PeerPublication claimed;

    private int claimedLength;

    /** Set by Aeron's thread when a session has ended, cleared by the owner once its buffers are given back. */
    private volatile boolean sessionEnded;

    private volatile boolean closed;
    private String ownerName;
    private long ownerId;
    private MessageHandler handler;
    private int delivered;
    private Throwable handlerFailure;

    /**
     * @param peers publications to every node of the table; closed with this endpoint.
     * @param doorbell null for a node that is reached over UDP; closed with this endpoint.
     */
    AeronEndpoint(
            final AeronNetwork network,
            final Aeron aeron,
            final int nodeId,
            final MessageLimit limit,
            final FrameGate gate,
            final Authenticator authenticator,
            final Int2ObjectHashMap<PeerPublication> peers,
            final String channel,
            final int streamId,
            final Doorbell doorbell) {
        this.network = network;
        this.nodeId = nodeId;
        this.maxMessageLength = limit.messageLength();
        this.gate = gate;
        this.authenticator = authenticator;
        this.peers = peers;
        this.doorbell = doorbell;
        this.subscription = aeron.addSubscription(channel, streamId, image -> {}, image -> sessionEnded = true);
    }

    @Override
    public int nodeId() {
        return nodeId;
    }

    @Override
    public int maxMessageLength() {
        return maxMessageLength;
    }

    @Override
    public int maxClaimLength() {
        return MAX_CLAIM_LENGTH;
    }

    /**
     * What rings when a message has come, so that the owner may sleep meanwhile. Empty for a node that is reached over UDP: it
     * has to look. Closed with this endpoint.
     */
    public Optional<Doorbell> doorbell() {
        return Optional.ofNullable(doorbell);
    }

    public EndpointCounters counters() {
        return counters;
    }

    /**
     * What keeps this node and others from talking that only a person can mend, one sentence for each peer; empty when all is
     * well. From any thread.
     */
    public List<String> problems() {
        return gate.problems();
    }

    /** Whether a message to this node would find somebody listening; opens the way. For the owner. */
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
    public SendResult send(
            final int destinationNodeId,
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength) {
        checkSender();
        final long length = (long) headLength + bodyLength;
        if (length < 0 || length > maxMessageLength) {
            throw new IllegalArgumentException("message of " + length + " bytes from node " + nodeId + " to node "
                    + destinationNodeId + " is not within 0.." + maxMessageLength);
        }
        head.boundsCheck(headOffset, headLength);
        body.boundsCheck(bodyOffset, bodyLength);
        final PeerPublication peer = peer(destinationNodeId);
        if (closed) {
            return SendResult.CLOSED;
        }
        final SendResult result = peer.send(head, headOffset, headLength, body, bodyOffset, bodyLength);
        count(result);
        if (result == SendResult.SENT) {
            countSent((int) length);
        }
        return result;
    }

    /** As {@link #send}; the message is counted when it is committed. */
    @Override
    public SendResult claim(final int destinationNodeId, final int length, final MessageClaim claim) {
        checkSender();
        if (length < 0 || length > MAX_CLAIM_LENGTH) {
            throw new IllegalArgumentException("claim of " + length + " bytes from node " + nodeId + " to node "
                    + destinationNodeId + " is not within 0.." + MAX_CLAIM_LENGTH);
        }
        final PeerPublication peer = peer(destinationNodeId);
        if (closed) {
            return SendResult.CLOSED;
        }
        final SendResult result = peer.claim(length);
        count(result);
        if (result == SendResult.SENT) {
            claimed = peer;
            claimedLength = length;
            claim.open(claimRoom, peer.claimBuffer(), peer.claimOffset(), length);
        }
        return result;
    }

    private void endClaim(final boolean committed) {
        checkOwner();
        final PeerPublication peer = claimed;
        claimed = null;
        if (closed) {
            return;
        }
        if (committed) {
            peer.commit();
            countSent(claimedLength);
        } else {
            peer.abort();
        }
    }

    private void checkSender() {
        checkOwner();
        if (claimed != null) {
            throw new IllegalStateException("a claim of node " + nodeId + " is open: commit or abort it first");
        }
        if (!closed && (subscription.isClosed() || network.isDriverGone())) {
            throw network.driverGone();
        }
    }

    private void count(final SendResult result) {
        switch (result) {
            case SENT -> {}
            case BACK_PRESSURED -> {
                counters.increment(EndpointCounter.BACK_PRESSURED);
                if (doorbell != null) {
                    // Nobody tells when there is room again.
                    doorbell.hurry();
                }
            }
            case NOT_CONNECTED -> counters.increment(EndpointCounter.NOT_CONNECTED);
            case CLOSED -> throw network.driverGone();
        }
    }

    private void countSent(final int length) {
        counters.increment(EndpointCounter.SENT);
        counters.add(EndpointCounter.SENT_BYTES, length);
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
        if (subscription.isClosed() || network.isDriverGone()) {
            throw network.driverGone();
        }
        if (sessionEnded) {
            freeEndedSessions();
        }
        if (authenticator != null) {
            authenticator.drive();
        }
        handler = messageHandler;
        delivered = 0;
        try {
            int budget = (int) Math.min(Integer.MAX_VALUE, (long) limit + MAX_EXTRA_FRAGMENTS);
            int empty = 0;
            while (delivered < limit && empty < EMPTY_POLLS && budget > 0 && handlerFailure == null) {
                final int fragments = subscription.controlledPoll(fragmentHandler, Math.min(limit - delivered, budget));
                budget -= fragments;
                empty = fragments == 0 ? empty + 1 : 0;
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
        final Int2IntHashMap.KeyIterator sessions = assembled.keySet().iterator();
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
        final byte flags = header.flags();
        if ((flags & FrameDescriptor.UNFRAGMENTED) != FrameDescriptor.UNFRAGMENTED
                && !mayGoOn(header.sessionId(), flags, length)) {
            return Action.CONTINUE;
        }
        return assembler.onFragment(buffer, offset, length, header);
    }

    /** Whether a fragment belongs to a message that is not too long yet. */
    private boolean mayGoOn(final int sessionId, final byte flags, final int length) {
        final boolean begins = (flags & FrameDescriptor.BEGIN_FRAG_FLAG) == FrameDescriptor.BEGIN_FRAG_FLAG;
        final int before = begins ? 0 : assembled.get(sessionId);
        if (before < 0) {
            return false;
        }
        final int now = before + length;
        if (now > MAX_ASSEMBLED_LENGTH) {
            assembler.freeSessionBuffer(sessionId);
            assembled.put(sessionId, TOO_LONG);
            counters.increment(EndpointCounter.DROPPED_TOO_LONG);
            return false;
        }
        assembled.put(sessionId, now);
        return true;
    }

    private Action onFrame(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        final FrameVerdict verdict = gate.judge(buffer, offset, length);
        counters.increment(verdict.counter());
        if (verdict != FrameVerdict.ACCEPTED) {
            if (verdict == FrameVerdict.SESSION_OPENED && doorbell != null) {
                // What could not be sent before, can be now.
                doorbell.hurry();
            }
            return Action.CONTINUE;
        }
        final int headerLength = gate.headerLength();
        final int payloadLength = length - headerLength;
        counters.add(EndpointCounter.RECEIVED_BYTES, payloadLength);
        delivered++;
        try {
            handler.onMessage(gate.sourceNodeId(), buffer, offset + headerLength, payloadLength);
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
            if (claimed != null) {
                claimed.abort();
            }
            subscription.close();
            peers.values().forEach(PeerPublication::close);
            CloseHelper.close(doorbell);
            network.closed(this);
        }
    }
}
