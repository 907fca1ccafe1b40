package dev.firn.transport.authentication;

/**
 * One message of a handshake, in parts. All kinds have the same length on the wire, so that no answer is longer than its
 * question. Filled again and again by its owner; on the receiving side any values may stand in it.
 */
public final class HandshakeMessage {
    /** HMAC-SHA256, whole. */
    public static final int PROOF_BYTES = 32;

    HandshakeKind kind;
    int sourceNodeId;
    int destinationNodeId;
    long openerNonce0;
    long openerNonce1;
    long listenerNonce0;
    long listenerNonce1;
    long sessionId;
    final byte[] proof = new byte[PROOF_BYTES];

    /** Sets everything but the proof. */
    public HandshakeMessage set(
            final HandshakeKind messageKind,
            final int source,
            final int destination,
            final long opener0,
            final long opener1,
            final long listener0,
            final long listener1,
            final long session) {
        kind = messageKind;
        sourceNodeId = source;
        destinationNodeId = destination;
        openerNonce0 = opener0;
        openerNonce1 = opener1;
        listenerNonce0 = listener0;
        listenerNonce1 = listener1;
        sessionId = session;
        return this;
    }

    public HandshakeKind kind() {
        return kind;
    }

    public int sourceNodeId() {
        return sourceNodeId;
    }

    public int destinationNodeId() {
        return destinationNodeId;
    }

    public long openerNonce0() {
        return openerNonce0;
    }

    public long openerNonce1() {
        return openerNonce1;
    }

    public long listenerNonce0() {
        return listenerNonce0;
    }

    public long listenerNonce1() {
        return listenerNonce1;
    }

    public long sessionId() {
        return sessionId;
    }

    /** The message's own array, to be read from or written to the wire. */
    public byte[] proof() {
        return proof;
    }
}
