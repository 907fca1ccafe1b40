package dev.firn.transport.aeron;

import dev.firn.transport.authentication.HandshakeKind;
import dev.firn.transport.authentication.HandshakeMessage;
import dev.firn.transport.codec.FrameDecoder;
import dev.firn.transport.codec.HandshakeDecoder;
import dev.firn.transport.codec.MessageHeaderDecoder;
import dev.firn.transport.codec.SealedFrameDecoder;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.collections.IntHashSet;

/**
 * Judges the form of frames that arrive at one node. Any bytes may come: nothing is read before the length is known to hold
 * it, and nothing throws. Belongs to the endpoint's owner; its getters are good until the next {@link #read}.
 *
 * <p>It understands its own version of the schema and the one before.
 */
final class FrameReader {
    /** The first version with sessions. */
    private static final int FIRST_SESSION_VERSION = 1;

    private static final HandshakeKind[] HANDSHAKE_KINDS = HandshakeKind.values();

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FrameDecoder frame = new FrameDecoder();
    private final SealedFrameDecoder sealed = new SealedFrameDecoder();
    private final HandshakeDecoder handshake = new HandshakeDecoder();
    private final HandshakeMessage message = new HandshakeMessage();
    private final int nodeId;
    private final IntHashSet knownNodeIds = new IntHashSet();

    private FrameKind kind = FrameKind.PLAIN;
    private int sourceNodeId;

    FrameReader(final int nodeId, final Set<Integer> knownNodeIds) {
        this.nodeId = nodeId;
        for (final int known : knownNodeIds) {
            this.knownNodeIds.add(known);
        }
    }

    /** @param buffer borrowed for the length of the call, though the flyweights go on pointing at it. */
    FrameVerdict read(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FrameLayout.PLAIN_HEADER_LENGTH) {
            return FrameVerdict.TOO_SHORT;
        }
        header.wrap(buffer, offset);
        final int version = header.version();
        // Every message of the schema begins as Frame does.
        frame.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH, FrameDecoder.BLOCK_LENGTH, version);
        if (header.schemaId() != FrameDecoder.SCHEMA_ID || frame.magic() != FrameLayout.MAGIC) {
            return FrameVerdict.FOREIGN;
        }
        if (version != FrameDecoder.SCHEMA_VERSION && version != FrameDecoder.SCHEMA_VERSION - 1) {
            return FrameVerdict.WRONG_VERSION;
        }
        final FrameVerdict form = readForm(buffer, offset, length, version);
        if (form != FrameVerdict.ACCEPTED) {
            return form;
        }
        sourceNodeId = frame.sourceNodeId();
        if (!knownNodeIds.contains(sourceNodeId)) {
            return FrameVerdict.UNKNOWN_SOURCE;
        }
        return frame.destinationNodeId() == nodeId ? FrameVerdict.ACCEPTED : FrameVerdict.WRONG_DESTINATION;
    }

    private FrameVerdict readForm(final DirectBuffer buffer, final int offset, final int length, final int version) {
        final int block = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        final int blockLength = header.blockLength();
        switch (header.templateId()) {
            case FrameDecoder.TEMPLATE_ID -> {
                kind = FrameKind.PLAIN;
                if (blockLength != FrameDecoder.BLOCK_LENGTH) {
                    return FrameVerdict.MALFORMED;
                }
            }
            case SealedFrameDecoder.TEMPLATE_ID -> {
                kind = FrameKind.SEALED;
                if (blockLength != SealedFrameDecoder.BLOCK_LENGTH || version < FIRST_SESSION_VERSION) {
                    return FrameVerdict.MALFORMED;
                }
                if (length < FrameLayout.SEALED_HEADER_LENGTH) {
                    return FrameVerdict.TOO_SHORT;
                }
                sealed.wrap(buffer, block, SealedFrameDecoder.BLOCK_LENGTH, version);
            }
            case HandshakeDecoder.TEMPLATE_ID -> {
                kind = FrameKind.HANDSHAKE;
                return readHandshake(buffer, block, length, version);
            }
            default -> {
                return FrameVerdict.MALFORMED;
            }
        }
        return length - headerLength() > AeronEndpoint.MAX_MESSAGE_LENGTH
                ? FrameVerdict.TOO_LONG
                : FrameVerdict.ACCEPTED;
    }

    private FrameVerdict readHandshake(
            final DirectBuffer buffer, final int block, final int length, final int version) {
        if (header.blockLength() != HandshakeDecoder.BLOCK_LENGTH || version < FIRST_SESSION_VERSION) {
            return FrameVerdict.MALFORMED;
        }
        if (length != FrameLayout.HANDSHAKE_LENGTH) {
            return length < FrameLayout.HANDSHAKE_LENGTH ? FrameVerdict.TOO_SHORT : FrameVerdict.TOO_LONG;
        }
        handshake.wrap(buffer, block, HandshakeDecoder.BLOCK_LENGTH, version);
        if (handshake.kind() >= HANDSHAKE_KINDS.length) {
            return FrameVerdict.MALFORMED;
        }
        message.set(
                HANDSHAKE_KINDS[handshake.kind()],
                handshake.sourceNodeId(),
                handshake.destinationNodeId(),
                handshake.openerNonce0(),
                handshake.openerNonce1(),
                handshake.listenerNonce0(),
                handshake.listenerNonce1(),
                handshake.sessionId());
        handshake.getProof(message.proof(), 0, HandshakeMessage.PROOF_BYTES);
        return FrameVerdict.ACCEPTED;
    }

    /** What the frame that was accepted last is. */
    FrameKind kind() {
        return kind;
    }

    /** Who sent it, as it says. */
    int sourceNodeId() {
        return sourceNodeId;
    }

    /** Where its payload begins. */
    int headerLength() {
        return kind == FrameKind.SEALED ? FrameLayout.SEALED_HEADER_LENGTH : FrameLayout.PLAIN_HEADER_LENGTH;
    }

    /** The block of a sealed frame. */
    SealedFrameDecoder sealed() {
        return sealed;
    }

    /** The content of a handshake's frame. */
    HandshakeMessage handshake() {
        return message;
    }
}
