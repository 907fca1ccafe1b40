package dev.firn.nativeio.network;

/** What {@link Endpoint#send} did with a message. */
public enum SendResult {
    SENT,
    /** No room now: try again in a later duty cycle. */
    BACK_PRESSURED,
    /** The destination is not reachable at present; the message was not sent. */
    NOT_CONNECTED,
    /** The endpoint is closed. */
    CLOSED
}
