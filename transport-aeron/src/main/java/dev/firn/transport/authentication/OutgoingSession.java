package dev.firn.transport.authentication;

import dev.firn.nativeio.seam.Clock;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/**
 * The session in which this node sends to one peer: opens it, tries again when messages of the handshake are lost, and opens
 * another when the peer does not know it any more. Pure: what it sends goes to a port, the time comes from a clock.
 *
 * <p>While there is none, nothing is sent but the handshake.
 */
public final class OutgoingSession {
    /** First pause before a message of the handshake is sent again; doubles up to the longest one. */
    static final long MIN_RETRY_NS = 10_000_000;

    static final long MAX_RETRY_NS = 250_000_000;

    private enum State {
        /** Nobody wants to send. */
        IDLE,
        GREETING,
        OPENING,
        ESTABLISHED
    }

    private final HandshakeProofs proofs;
    private final HandshakePort port;
    private final Clock clock;
    private final RandomGenerator random;
    private final int nodeId;
    private final int peerId;

    /** The session in which the peer sends here, as far as this node knows. */
    private final IncomingSession opposite;

    /** Whether a frame's code covers its payload too. */
    private final boolean sealsPayload;

    /** The message that is sent until it is answered. */
    private final HandshakeMessage current = new HandshakeMessage();

    private State state = State.IDLE;
    private SessionKeys keys;
    private long frames;
    private long retryNs;
    private long dueNs;
    private long opened;

    OutgoingSession(
            final HandshakeProofs proofs,
            final HandshakePort port,
            final Clock clock,
            final RandomGenerator random,
            final int nodeId,
            final int peerId,
            final IncomingSession opposite,
            final boolean sealsPayload) {
        this.proofs = proofs;
        this.port = port;
        this.clock = clock;
        this.random = random;
        this.nodeId = nodeId;
        this.peerId = peerId;
        this.opposite = opposite;
        this.sealsPayload = sealsPayload;
    }

    /** Whether frames may be sent. */
    public boolean established() {
        return state == State.ESTABLISHED;
    }

    /** Whether a handshake is under way. */
    boolean opening() {
        return state == State.GREETING || state == State.OPENING;
    }

    /** Somebody wants to send: opens a session, unless there is one or it is being opened. */
    public void open() {
        if (state == State.IDLE) {
            state = State.GREETING;
            current.set(HandshakeKind.HELLO, nodeId, peerId, random.nextLong(), random.nextLong(), 0, 0, 0);
            proofs.prove(current);
            retryNs = MIN_RETRY_NS;
            dueNs = clock.nanoTime();
            drive();
        }
    }

    /** Nobody listens at the other end: whoever does next is another life of the peer. */
    public void onDisconnected() {
        if (state == State.ESTABLISHED) {
            state = State.IDLE;
        }
    }

    /** Sends what is due of the handshake; returns how many messages. */
    int drive() {
        if (!opening() || clock.nanoTime() - dueNs < 0 || !port.send(current)) {
            return 0;
        }
        // Half of the pause is chance, so that nodes that were started together do not go on together.
        dueNs = clock.nanoTime() + retryNs / 2 + random.nextLong(retryNs / 2 + 1);
        retryNs = Math.min(2 * retryNs, MAX_RETRY_NS);
        return 1;
    }

    /** The peer is alive: what it may have missed is sent again at once, though no more often than after the first pause. */
    void onPeerAlive() {
        if (state == State.GREETING && retryNs > 2 * MIN_RETRY_NS) {
            retryNs = 2 * MIN_RETRY_NS;
            dueNs = clock.nanoTime();
        }
    }

    HandshakeCheck onChallenge(final HandshakeMessage message) {
        if (!opening() || !sameOpenerNonce(message)) {
            return HandshakeCheck.STALE;
        }
        if (!proofs.proven(message)) {
            return HandshakeCheck.WRONG_PROOF;
        }
        if (state == State.OPENING && sameListenerNonce(message)) {
            return HandshakeCheck.STALE;
        }
        state = State.OPENING;
        current.set(
                HandshakeKind.OPEN,
                nodeId,
                peerId,
                message.openerNonce0,
                message.openerNonce1,
                message.listenerNonce0,
                message.listenerNonce1,
                opposite.sessionId());
        proofs.prove(current);
        retryNs = MIN_RETRY_NS;
        dueNs = clock.nanoTime();
        drive();
        return HandshakeCheck.HANDLED;
    }

    HandshakeCheck onAccepted(final HandshakeMessage message) {
        if (state != State.OPENING || !sameOpenerNonce(message) || !sameListenerNonce(message)) {
            return HandshakeCheck.STALE;
        }
        if (!proofs.proven(message)) {
            return HandshakeCheck.WRONG_PROOF;
        }
        keys = proofs.sessionKeys(nodeId, peerId, current);
        frames = 0;
        state = State.ESTABLISHED;
        opened++;
        return HandshakeCheck.HANDLED;
    }

    HandshakeCheck onUnknownSession(final HandshakeMessage message) {
        if (state != State.ESTABLISHED || message.sessionId != keys.sessionId()) {
            return HandshakeCheck.STALE;
        }
        if (!proofs.proven(message)) {
            return HandshakeCheck.WRONG_PROOF;
        }
        state = State.IDLE;
        open();
        return HandshakeCheck.HANDLED;
    }

    /**
     * The peer has opened a session to this node, and has said in which one it is sent to. When that is not this one, it was started anew since, or never
     * heard that this one is open: what would be sent in it would be lost.
     *
     * @param known 0 when it knows of none.
     */
    void onPeerOpened(final long known) {
        if (state == State.ESTABLISHED && known != keys.sessionId()) {
            state = State.IDLE;
            open();
        }
    }

    private boolean sameOpenerNonce(final HandshakeMessage message) {
        return message.openerNonce0 == current.openerNonce0 && message.openerNonce1 == current.openerNonce1;
    }

    private boolean sameListenerNonce(final HandshakeMessage message) {
        return message.listenerNonce0 == current.listenerNonce0 && message.listenerNonce1 == current.listenerNonce1;
    }

    /** Valid while the session is established. */
    public long sessionId() {
        return keys.sessionId();
    }

    /** The number that the next frame bears; {@link #sent} makes it used. */
    public long nextNumber() {
        return frames + 1;
    }

    /** A frame with the next number is on its way, or was given up: the number is not used again in this session. */
    public void sent() {
        frames++;
    }

    /** The code of the frame with the next number, whose payload lies in two pieces. */
    public long seal(
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength) {
        final FrameMac mac = keys.frameMac();
        mac.begin(nodeId, peerId, keys.sessionId(), nextNumber(), headLength + bodyLength);
        if (sealsPayload) {
            mac.update(head, headOffset, headLength);
            mac.update(body, bodyOffset, bodyLength);
        }
        return mac.finish();
    }

    /** How many sessions have been opened to this peer. */
    public long opened() {
        return opened;
    }
}
