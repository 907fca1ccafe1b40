package dev.firn.nativeio.network;

import org.agrona.DirectBuffer;

/** Receives messages from {@link Endpoint#poll}. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * @param buffer borrowed for the length of the call.
     */
    void onMessage(int sourceNodeId, DirectBuffer buffer, int offset, int length);
}
