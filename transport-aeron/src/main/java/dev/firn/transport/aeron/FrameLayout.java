package dev.firn.transport.aeron;

import dev.firn.transport.codec.FrameEncoder;
import dev.firn.transport.codec.MessageHeaderEncoder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What stands before each payload: SBE's message header and the block of {@code Frame} (see {@code transport.xml}). */
final class FrameLayout {
    /** {@code FIRN} as the bytes come over the wire. */
    static final long MAGIC = 0x4E52_4946L;

    static final int HEADER_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + FrameEncoder.BLOCK_LENGTH;

    private FrameLayout() {}

    /** The header of all frames from one node to another: it never changes, so it is encoded once. */
    static UnsafeBuffer header(final int sourceNodeId, final int destinationNodeId) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[HEADER_LENGTH]);
        encode(buffer, 0, sourceNodeId, destinationNodeId);
        return buffer;
    }

    static void encode(
            final MutableDirectBuffer buffer, final int offset, final int sourceNodeId, final int destinationNodeId) {
        new FrameEncoder()
                .wrapAndApplyHeader(buffer, offset, new MessageHeaderEncoder())
                .magic(MAGIC)
                .sourceNodeId(sourceNodeId)
                .destinationNodeId(destinationNodeId);
    }
}
