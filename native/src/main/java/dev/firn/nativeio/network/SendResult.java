package dev.firn.nativeio.network;

/** What {@link Endpoint#send} did with a message, or {@link Endpoint#claim} with the wish for room. */
public enum SendResult {
    /** On its way; of a claim: granted. */
    SENT,
    /** No room now: try again in a later duty cycle. */
    BACK_PRESSURED,
    /** The destination is not reachable at present; the message was not sent. */
    NOT_CONNECTED,
    /** The endpoint is closed. */
    CLOSED
}
