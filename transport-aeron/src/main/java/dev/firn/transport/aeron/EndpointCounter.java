package dev.firn.transport.aeron;

/** What an endpoint counts. The names, in lower case, are what metrics show. */
public enum EndpointCounter {
    /** Messages that {@code send} accepted. */
    SENT,
    SENT_BYTES,
    /** Messages delivered to a handler. */
    RECEIVED,
    RECEIVED_BYTES,
    /** Sends refused for want of room. */
    BACK_PRESSURED,
    /** Sends refused because nobody listens at the other end. */
    NOT_CONNECTED,
    /** Frames that end before their header does. */
    DROPPED_TOO_SHORT,
    /** Frames that carry more than {@link AeronEndpoint#MAX_MESSAGE_LENGTH}. */
    DROPPED_TOO_LONG,
    /** Frames of another program: wrong schema or wrong magic. */
    DROPPED_FOREIGN,
    /** Frames of another version of Firn's schema. */
    DROPPED_WRONG_VERSION,
    /** Frames of this version whose header contradicts it. */
    DROPPED_MALFORMED,
    /** Frames from a node that the address table does not have. */
    DROPPED_UNKNOWN_SOURCE,
    /** Frames that another node should have got: two address tables differ. */
    DROPPED_WRONG_DESTINATION
}
