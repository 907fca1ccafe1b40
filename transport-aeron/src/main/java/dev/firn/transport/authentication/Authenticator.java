package dev.firn.transport.authentication;

import dev.firn.nativeio.seam.Clock;
import java.util.Collection;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * One node's sessions with all nodes of the address table: a session for each direction. Belongs to the endpoint's owner;
 * pure, so that a test drives it through loss, doubling, disorder and restarts.
 *
 * <p>A session is opened with four messages (see {@link HandshakeKind}). Each side gives a nonce and proves that it holds the
 * secret and has seen the other's nonce; the keys of the session come from the secret, both nonces and the direction. So
 * nothing that was recorded opens a session, or passes in one. Whoever restarts has forgotten its sessions: it answers
 * frames of them with a proof that it does not know them, and the peer opens another at once.
 *
 * <p>Who listens in shared memory is sent frames whose code covers the header and not the payload: whoever can change a payload
 * there is the user whose secret it is.
 *
 * <p>Memory: one session in each direction for each node of the table, made at the start. Nothing that arrives makes more.
 */
public final class Authenticator {
    private final int nodeId;
    private final Int2ObjectHashMap<OutgoingSession> outgoing = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<IncomingSession> incoming = new Int2ObjectHashMap<>();

    /** The same as in the map, to go through without an iterator. */
    private final OutgoingSession[] allOutgoing;

    /**
     * @param nodeIds all nodes of the table.
     * @param isLocal which of them, this one too, listen in shared memory: there the code covers a frame's header alone.
     * @param random for nonces and pauses: {@link dev.firn.nativeio.seam.SystemRandom#secure}, but for tests.
     */
    public Authenticator(
            final PeerSecret secret,
            final int nodeId,
            final Collection<Integer> nodeIds,
            final IntPredicate isLocal,
            final HandshakePort port,
            final Clock clock,
            final RandomGenerator random) {
        this.nodeId = nodeId;
        final HandshakeProofs proofs = new HandshakeProofs(secret);
        for (final int peerId : nodeIds) {
            final IncomingSession from =
                    new IncomingSession(proofs, port, clock, random, nodeId, peerId, !isLocal.test(nodeId));
            incoming.put(peerId, from);
            outgoing.put(
                    peerId,
                    new OutgoingSession(proofs, port, clock, random, nodeId, peerId, from, !isLocal.test(peerId)));
        }
        this.allOutgoing = outgoing.values().toArray(OutgoingSession[]::new);
    }

    /** The session to a node of the table. */
    public OutgoingSession to(final int peerId) {
        return outgoing.get(peerId);
    }

    /** Sends what is due of handshakes; call it in each duty cycle. Returns how many messages. */
    public int drive() {
        int sent = 0;
        for (final OutgoingSession session : allOutgoing) {
            if (session.opening()) {
                sent += session.drive();
            }
        }
        return sent;
    }

    /** @param message of a node of the table to this one; any other values may stand in it. */
    public HandshakeCheck onHandshake(final HandshakeMessage message) {
        final int peerId = message.sourceNodeId;
        final OutgoingSession to = outgoing.get(peerId);
        final IncomingSession from = incoming.get(peerId);
        // Read before it is answered: the sender may fill the message anew.
        final HandshakeKind kind = message.kind;
        final long knownSessionId = message.sessionId;
        final HandshakeCheck check = switch (kind) {
            case HELLO -> from.onHello(message);
            case CHALLENGE -> to.onChallenge(message);
            case OPEN -> from.onOpen(message);
            case ACCEPTED -> to.onAccepted(message);
            case UNKNOWN_SESSION -> to.onUnknownSession(message);
        };
        if (check == HandshakeCheck.HANDLED) {
            switch (kind) {
                case HELLO -> to.onPeerAlive();
                case OPEN -> to.onPeerOpened(knownSessionId);
                case CHALLENGE, ACCEPTED, UNKNOWN_SESSION -> {}
            }
        }
        return check;
    }

    /** Judges a frame of a node of the table to this one. Only what it accepts may be read further. */
    public FrameCheck check(
            final int sourceNodeId,
            final long sessionId,
            final long number,
            final long code,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        return incoming.get(sourceNodeId).check(sessionId, number, code, buffer, offset, length);
    }

    @Override
    public String toString() {
        return "sessions of node " + nodeId;
    }
}
