package dev.firn.nativeio.network;

import org.agrona.DirectBuffer;

/**
 * One node's place on the network. Messages may be lost, duplicated, delayed and reordered, never changed or cut.
 *
 * <p>Neither call blocks or allocates.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * No endpoint takes longer messages than this: protocols design for it. With a header of 16 bytes it is an eighth of an
     * Aeron term of 8 MiB, the longest message that such a term takes.
     */
    int MAX_MESSAGE_LENGTH = (1 << 20) - 16;

    int nodeId();

    /** Longest message that {@link #send} takes; {@link #MAX_MESSAGE_LENGTH} at most. */
    int maxMessageLength();

    /** Copies the message out before it returns; {@code SENT} says nothing about arrival. */
    SendResult send(int destinationNodeId, DirectBuffer buffer, int offset, int length);

    /** Delivers up to {@code limit} messages and returns how many. */
    int poll(MessageHandler handler, int limit);

    @Override
    void close();
}
