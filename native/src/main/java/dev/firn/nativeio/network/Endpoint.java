package dev.firn.nativeio.network;

import org.agrona.DirectBuffer;

/**
 * One node's place on the network. Messages may be lost, duplicated, delayed and reordered, never changed or cut.
 *
 * <p>No call blocks or allocates. One who sends must poll as well, even if nobody sends to it: an endpoint does in
 * {@link #poll} what it has to settle with its peers before they listen to each other.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * No endpoint takes longer messages than this: protocols design for it. With 64 bytes for what the transport puts before
     * them, it is an eighth of an Aeron term of 8 MiB, the longest message that such a term takes.
     */
    int MAX_MESSAGE_LENGTH = (1 << 20) - 64;

    /**
     * No endpoint grants longer claims than this. An 8 KiB page fits, with 672 bytes beside it: a datagram of 8 960 bytes,
     * less 32 for Aeron's header and 64 for what the transport puts before the message.
     */
    int MAX_CLAIM_LENGTH = 8_960 - 32 - 64;

    int nodeId();

    /** Longest message that {@link #send} takes; {@link #MAX_MESSAGE_LENGTH} at most. */
    int maxMessageLength();

    /** Longest message that {@link #claim} takes; {@link #MAX_CLAIM_LENGTH} at most. */
    int maxClaimLength();

    /** Copies the message out before it returns; {@code SENT} says nothing about arrival. */
    default SendResult send(
            final int destinationNodeId, final DirectBuffer buffer, final int offset, final int length) {
        return send(destinationNodeId, buffer, offset, length, buffer, offset, 0);
    }

    /**
     * Sends one message that lies in two places, such as a protocol's header and the bytes that it is about. The receiver sees
     * one piece: the head, then the body.
     */
    SendResult send(
            int destinationNodeId,
            DirectBuffer head,
            int headOffset,
            int headLength,
            DirectBuffer body,
            int bodyOffset,
            int bodyLength);

    /**
     * Asks for room for a message that is then written in place: no copy. {@code SENT} means that the room is granted and the
     * claim open; with any other answer the claim stays shut.
     *
     * <p>An endpoint has one open claim at a time, and takes no other message until that one is committed or aborted. What
     * others sent to the same destination may wait behind it, so it is ended in the same duty cycle.
     *
     * @param claim the caller's; one is enough for all messages of an agent.
     * @throws IllegalStateException when a claim of this endpoint is open.
     */
    SendResult claim(int destinationNodeId, int length, MessageClaim claim);

    /** Delivers up to {@code limit} messages and returns how many. */
    int poll(MessageHandler handler, int limit);

    @Override
    void close();
}
