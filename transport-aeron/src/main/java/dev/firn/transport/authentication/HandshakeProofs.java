package dev.firn.transport.authentication;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a node can say because it holds the secret: the proofs of a handshake, and the keys of a session. For one thread.
 *
 * <p>A proof is the HMAC-SHA256 of everything else that the message says, its kind and its direction included, so that no
 * message can be sent back to its sender, or pass for another.
 */
final class HandshakeProofs {
    /** Begins each text that is hashed: another use of the same secret would begin otherwise. */
    private static final byte[] CONTEXT = "firn transport session 1".getBytes(StandardCharsets.US_ASCII);

    private static final int KIND_AT = CONTEXT.length;
    private static final int SOURCE_AT = KIND_AT + 1;
    private static final int DESTINATION_AT = SOURCE_AT + Short.BYTES;
    private static final int NUMBERS_AT = DESTINATION_AT + Short.BYTES;
    private static final int TEXT_BYTES = NUMBERS_AT + 5 * Long.BYTES;

    /** Stands where a proof has the number of its kind. */
    private static final byte SESSION_KEY = 127;

    private final Mac mac;
    private final byte[] text = new byte[TEXT_BYTES];
    private final UnsafeBuffer textBuffer = new UnsafeBuffer(text);
    private final byte[] expected = new byte[HandshakeMessage.PROOF_BYTES];

    HandshakeProofs(final PeerSecret secret) {
        this.mac = secret.newMac();
        System.arraycopy(CONTEXT, 0, text, 0, CONTEXT.length);
    }

    /** Writes the proof of a message. */
    void prove(final HandshakeMessage message) {
        hash((byte) message.kind.ordinal(), message, message.sessionId, message.proof);
    }

    /** In constant time. */
    boolean proven(final HandshakeMessage message) {
        hash((byte) message.kind.ordinal(), message, message.sessionId, expected);
        return MessageDigest.isEqual(expected, message.proof);
    }

    /** The keys of the session that a message with both nonces is about. Allocates; once a session. */
    SessionKeys sessionKeys(final int opener, final int listener, final HandshakeMessage nonces) {
        textBuffer.putShort(SOURCE_AT, (short) opener, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putShort(DESTINATION_AT, (short) listener, ByteOrder.LITTLE_ENDIAN);
        final byte[] root = new byte[HandshakeMessage.PROOF_BYTES];
        hashNumbers(SESSION_KEY, nonces, 0, root);
        try {
            return SessionKeys.derive(root);
        } finally {
            Arrays.fill(root, (byte) 0);
        }
    }

    private void hash(final byte what, final HandshakeMessage message, final long sessionId, final byte[] result) {
        textBuffer.putShort(SOURCE_AT, (short) message.sourceNodeId, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putShort(DESTINATION_AT, (short) message.destinationNodeId, ByteOrder.LITTLE_ENDIAN);
        hashNumbers(what, message, sessionId, result);
    }

    private void hashNumbers(
            final byte what, final HandshakeMessage message, final long sessionId, final byte[] result) {
        text[KIND_AT] = what;
        textBuffer.putLong(NUMBERS_AT, message.openerNonce0, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putLong(NUMBERS_AT + Long.BYTES, message.openerNonce1, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putLong(NUMBERS_AT + 2 * Long.BYTES, message.listenerNonce0, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putLong(NUMBERS_AT + 3 * Long.BYTES, message.listenerNonce1, ByteOrder.LITTLE_ENDIAN);
        textBuffer.putLong(NUMBERS_AT + 4 * Long.BYTES, sessionId, ByteOrder.LITTLE_ENDIAN);
        mac.update(text);
        try {
            mac.doFinal(result, 0);
        } catch (final ShortBufferException e) {
            throw new IllegalStateException("the JDK's HMAC-SHA256 is longer than 32 bytes", e);
        }
    }
}
