package dev.firn.nativeio.network;

import org.agrona.DirectBuffer;

/**
 * One node's place on the network. Messages may be lost, duplicated, delayed and reordered, never changed or cut.
 *
 * <p>Neither call blocks or allocates.
 */
public interface Endpoint extends AutoCloseable {
    int nodeId();

    /** Longest message that {@link #send} takes. */
    int maxMessageLength();

    /** Copies the message out before it returns; {@code SENT} says nothing about arrival. */
    SendResult send(int destinationNodeId, DirectBuffer buffer, int offset, int length);

    /** Delivers up to {@code limit} messages and returns how many. */
    int poll(MessageHandler handler, int limit);

    @Override
    void close();
}
