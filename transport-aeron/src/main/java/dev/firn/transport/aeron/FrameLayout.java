package dev.firn.transport.aeron;

import dev.firn.transport.authentication.HandshakeMessage;
import dev.firn.transport.codec.FrameEncoder;
import dev.firn.transport.codec.HandshakeEncoder;
import dev.firn.transport.codec.MessageHeaderEncoder;
import dev.firn.transport.codec.SealedFrameEncoder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What stands before each payload: SBE's message header and the block of a frame (see {@code transport.xml}). */
final class FrameLayout {
    /** {@code FIRN} as the bytes come over the wire. */
    static final long MAGIC = 0x4E52_4946L;

    /** Of a frame between nodes without a secret. */
    static final int PLAIN_HEADER_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + FrameEncoder.BLOCK_LENGTH;

    /** Of a frame in a session. */
    static final int SEALED_HEADER_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + SealedFrameEncoder.BLOCK_LENGTH;

    /** Of a message that opens a session; it has no payload. */
    static final int HANDSHAKE_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + HandshakeEncoder.BLOCK_LENGTH;

    private FrameLayout() {}

    /** The header of all frames from one node to another without a session: it never changes, so it is encoded once. */
    static UnsafeBuffer plainHeader(final int sourceNodeId, final int destinationNodeId) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[PLAIN_HEADER_LENGTH]);
        encodePlain(buffer, 0, sourceNodeId, destinationNodeId);
        return buffer;
    }

    static void encodePlain(
            final MutableDirectBuffer buffer, final int offset, final int sourceNodeId, final int destinationNodeId) {
        new FrameEncoder()
                .wrapAndApplyHeader(buffer, offset, new MessageHeaderEncoder())
                .magic(MAGIC)
                .sourceNodeId(sourceNodeId)
                .destinationNodeId(destinationNodeId);
    }

    /** What is the same in all headers from one node to another within sessions; the rest is filled in for each frame. */
    static SealedFrameEncoder sealedHeader(final int sourceNodeId, final int destinationNodeId) {
        return new SealedFrameEncoder()
                .wrapAndApplyHeader(new UnsafeBuffer(new byte[SEALED_HEADER_LENGTH]), 0, new MessageHeaderEncoder())
                .magic(MAGIC)
                .sourceNodeId(sourceNodeId)
                .destinationNodeId(destinationNodeId);
    }

    /** Writes a message of a handshake with an encoder and a header of the caller's. */
    static void encode(
            final HandshakeMessage message,
            final HandshakeEncoder encoder,
            final MessageHeaderEncoder header,
            final MutableDirectBuffer buffer,
            final int offset) {
        encoder.wrapAndApplyHeader(buffer, offset, header)
                .magic(MAGIC)
                .sourceNodeId(message.sourceNodeId())
                .destinationNodeId(message.destinationNodeId())
                .openerNonce0(message.openerNonce0())
                .openerNonce1(message.openerNonce1())
                .listenerNonce0(message.listenerNonce0())
                .listenerNonce1(message.listenerNonce1())
                .sessionId(message.sessionId())
                .putProof(message.proof(), 0, HandshakeMessage.PROOF_BYTES)
                .kind((short) message.kind().ordinal());
    }
}
