package dev.firn.transport.aeron;

/** What a node thinks of a frame, and the counter that says so. */
enum FrameVerdict {
    ACCEPTED(EndpointCounter.RECEIVED),
    /** Of a handshake, and of use in it: nothing to deliver. */
    HANDSHAKE(EndpointCounter.HANDSHAKE_RECEIVED),
    /** The last one of a handshake that this node began. */
    SESSION_OPENED(EndpointCounter.SESSIONS_OPENED),
    TOO_SHORT(EndpointCounter.DROPPED_TOO_SHORT),
    TOO_LONG(EndpointCounter.DROPPED_TOO_LONG),
    FOREIGN(EndpointCounter.DROPPED_FOREIGN),
    WRONG_VERSION(EndpointCounter.DROPPED_WRONG_VERSION),
    MALFORMED(EndpointCounter.DROPPED_MALFORMED),
    UNKNOWN_SOURCE(EndpointCounter.DROPPED_UNKNOWN_SOURCE),
    WRONG_DESTINATION(EndpointCounter.DROPPED_WRONG_DESTINATION),
    UNAUTHENTICATED(EndpointCounter.DROPPED_UNAUTHENTICATED),
    NO_SECRET(EndpointCounter.DROPPED_NO_SECRET),
    UNKNOWN_SESSION(EndpointCounter.DROPPED_UNKNOWN_SESSION),
    REPLAYED(EndpointCounter.DROPPED_REPLAYED),
    WRONG_CODE(EndpointCounter.DROPPED_WRONG_CODE),
    WRONG_PROOF(EndpointCounter.DROPPED_WRONG_PROOF),
    STALE_HANDSHAKE(EndpointCounter.DROPPED_STALE_HANDSHAKE);

    private final EndpointCounter counter;

    FrameVerdict(final EndpointCounter counter) {
        this.counter = counter;
    }

    EndpointCounter counter() {
        return counter;
    }
}
