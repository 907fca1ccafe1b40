package dev.firn.transport.aeron;

import dev.firn.transport.codec.FrameDecoder;
import dev.firn.transport.codec.MessageHeaderDecoder;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.collections.IntHashSet;

/**
 * Judges the frames that arrive at one node. Any bytes may come: nothing is read before the length is known to hold it,
 * and nothing throws. Belongs to the endpoint's owner; its getters are good until the next {@link #read}.
 */
final class FrameReader {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FrameDecoder frame = new FrameDecoder();
    private final int nodeId;
    private final IntHashSet knownNodeIds = new IntHashSet();

    private int sourceNodeId;

    FrameReader(final int nodeId, final Set<Integer> knownNodeIds) {
        this.nodeId = nodeId;
        for (final int known : knownNodeIds) {
            this.knownNodeIds.add(known);
        }
    }

    /** @param buffer borrowed for the length of the call, though the flyweights go on pointing at it. */
    FrameVerdict read(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FrameLayout.HEADER_LENGTH) {
            return FrameVerdict.TOO_SHORT;
        }
        header.wrap(buffer, offset);
        final int version = header.version();
        frame.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH, FrameDecoder.BLOCK_LENGTH, version);
        if (header.schemaId() != FrameDecoder.SCHEMA_ID || frame.magic() != FrameLayout.MAGIC) {
            return FrameVerdict.FOREIGN;
        }
        if (version != FrameDecoder.SCHEMA_VERSION) {
            return FrameVerdict.WRONG_VERSION;
        }
        if (header.templateId() != FrameDecoder.TEMPLATE_ID || header.blockLength() != FrameDecoder.BLOCK_LENGTH) {
            return FrameVerdict.MALFORMED;
        }
        if (length > FrameLayout.HEADER_LENGTH + AeronEndpoint.MAX_MESSAGE_LENGTH) {
            return FrameVerdict.TOO_LONG;
        }
        sourceNodeId = frame.sourceNodeId();
        if (!knownNodeIds.contains(sourceNodeId)) {
            return FrameVerdict.UNKNOWN_SOURCE;
        }
        return frame.destinationNodeId() == nodeId ? FrameVerdict.ACCEPTED : FrameVerdict.WRONG_DESTINATION;
    }

    /** Who sent the frame that was accepted last. */
    int sourceNodeId() {
        return sourceNodeId;
    }
}
