package dev.firn.transport.aeron;

/** What {@link FrameReader} thinks of a frame, and the counter that says so. */
enum FrameVerdict {
    ACCEPTED(EndpointCounter.RECEIVED),
    TOO_SHORT(EndpointCounter.DROPPED_TOO_SHORT),
    TOO_LONG(EndpointCounter.DROPPED_TOO_LONG),
    FOREIGN(EndpointCounter.DROPPED_FOREIGN),
    WRONG_VERSION(EndpointCounter.DROPPED_WRONG_VERSION),
    MALFORMED(EndpointCounter.DROPPED_MALFORMED),
    UNKNOWN_SOURCE(EndpointCounter.DROPPED_UNKNOWN_SOURCE),
    WRONG_DESTINATION(EndpointCounter.DROPPED_WRONG_DESTINATION);

    private final EndpointCounter counter;

    FrameVerdict(final EndpointCounter counter) {
        this.counter = counter;
    }

    EndpointCounter counter() {
        return counter;
    }
}
