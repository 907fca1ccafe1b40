package dev.firn.transport.authentication;

import dev.firn.nativeio.seam.Clock;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/**
 * The session in which one peer sends to this node. Pure, as {@link OutgoingSession}.
 *
 * <p>It keeps one nonce and one session, whatever comes: the nonce is drawn anew when a session was opened with it, so that
 * nothing recorded opens another.
 */
final class IncomingSession {
    /** Frames of unknown sessions may come as fast as somebody likes; this often the peer is told. */
    static final long MIN_COMPLAINT_NS = 1_000_000;

    private final HandshakeProofs proofs;
    private final HandshakePort port;
    private final Clock clock;
    private final RandomGenerator random;
    private final int nodeId;
    private final int peerId;

    /** Whether a frame's code covers its payload too. */
    private final boolean sealsPayload;

    private final HandshakeMessage answer = new HandshakeMessage();

    private long nonce0;
    private long nonce1;

    /** Null until the peer has opened one; {@link #accepted} then holds its nonces. */
    private SessionKeys keys;

    private final HandshakeMessage accepted = new HandshakeMessage();
    private long lastNumber;
    private long lastComplaintNs;
    private boolean complained;

    IncomingSession(
            final HandshakeProofs proofs,
            final HandshakePort port,
            final Clock clock,
            final RandomGenerator random,
            final int nodeId,
            final int peerId,
            final boolean sealsPayload) {
        this.proofs = proofs;
        this.port = port;
        this.clock = clock;
        this.random = random;
        this.nodeId = nodeId;
        this.peerId = peerId;
        this.sealsPayload = sealsPayload;
        drawNonce();
    }

    private void drawNonce() {
        nonce0 = random.nextLong();
        nonce1 = random.nextLong();
    }

    /** Who holds another secret is answered as well: the challenge is how it learns of that. */
    HandshakeCheck onHello(final HandshakeMessage message) {
        final boolean proven = proofs.proven(message);
        challenge(message);
        return proven ? HandshakeCheck.HANDLED : HandshakeCheck.WRONG_PROOF;
    }

    private void challenge(final HandshakeMessage message) {
        answer.set(
                HandshakeKind.CHALLENGE, nodeId, peerId, message.openerNonce0, message.openerNonce1, nonce0, nonce1, 0);
        proofs.prove(answer);
        port.send(answer);
    }

    HandshakeCheck onOpen(final HandshakeMessage message) {
        if (!proofs.proven(message)) {
            return HandshakeCheck.WRONG_PROOF;
        }
        if (message.listenerNonce0 == nonce0 && message.listenerNonce1 == nonce1) {
            keys = proofs.sessionKeys(peerId, nodeId, message);
            lastNumber = 0;
            complained = false;
            accepted.set(
                    HandshakeKind.ACCEPTED,
                    nodeId,
                    peerId,
                    message.openerNonce0,
                    message.openerNonce1,
                    nonce0,
                    nonce1,
                    keys.sessionId());
            proofs.prove(accepted);
            drawNonce();
            port.send(accepted);
            return HandshakeCheck.HANDLED;
        }
        if (keys != null && sameNonces(message)) {
            // The opener has not heard that it is open.
            port.send(accepted);
            return HandshakeCheck.STALE;
        }
        // Made for a nonce of another life of this node, or for one that another attempt of the opener used up.
        challenge(message);
        return HandshakeCheck.STALE;
    }

    private boolean sameNonces(final HandshakeMessage message) {
        return message.openerNonce0 == accepted.openerNonce0
                && message.openerNonce1 == accepted.openerNonce1
                && message.listenerNonce0 == accepted.listenerNonce0
                && message.listenerNonce1 == accepted.listenerNonce1;
    }

    /** Of the session in which the peer sends; 0 when it has opened none. */
    long sessionId() {
        return keys == null ? 0 : keys.sessionId();
    }

    FrameCheck check(
            final long sessionId,
            final long number,
            final long code,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (keys == null || sessionId != keys.sessionId()) {
            complain(sessionId);
            return FrameCheck.UNKNOWN_SESSION;
        }
        if (number <= lastNumber) {
            return FrameCheck.REPLAYED;
        }
        final FrameMac mac = keys.frameMac();
        mac.begin(peerId, nodeId, sessionId, number, length);
        if (sealsPayload) {
            mac.update(buffer, offset, length);
        }
        if (mac.finish() != code) {
            return FrameCheck.WRONG_CODE;
        }
        lastNumber = number;
        return FrameCheck.ACCEPTED;
    }

    /** After a restart of this node the peer does not know that its session is gone. */
    private void complain(final long sessionId) {
        final long nowNs = clock.nanoTime();
        if (complained && nowNs - lastComplaintNs < MIN_COMPLAINT_NS) {
            return;
        }
        complained = true;
        lastComplaintNs = nowNs;
        answer.set(HandshakeKind.UNKNOWN_SESSION, nodeId, peerId, 0, 0, 0, 0, sessionId);
        proofs.prove(answer);
        port.send(answer);
    }
}
