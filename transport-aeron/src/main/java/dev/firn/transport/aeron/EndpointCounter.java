package dev.firn.transport.aeron;

import dev.firn.transport.counter.CounterName;

/** What an endpoint counts. The names, in lower case, are what metrics show; those of dropped frames stand last. */
public enum EndpointCounter implements CounterName {
    SENT("Messages that send or a claim accepted"),
    SENT_BYTES("Bytes of messages that send or a claim accepted"),
    RECEIVED("Messages delivered to a handler"),
    RECEIVED_BYTES("Bytes of messages delivered to a handler"),
    BACK_PRESSURED("Sends refused for want of room"),
    NOT_CONNECTED("Sends refused because nobody listens at the other end"),
    HANDSHAKE_RECEIVED("Messages of handshakes that were of use"),
    SESSIONS_OPENED("Sessions in which this node sends"),
    DROPPED_TOO_SHORT("Frames that end before their header does"),
    DROPPED_TOO_LONG("Frames that carry more than the longest message"),
    DROPPED_FOREIGN("Frames of another program: wrong schema or wrong magic"),
    DROPPED_WRONG_VERSION("Frames of neither this version of Firn's schema nor the one before"),
    DROPPED_MALFORMED("Frames whose header contradicts its version"),
    DROPPED_UNKNOWN_SOURCE("Frames from a node that the address table does not have"),
    DROPPED_WRONG_DESTINATION("Frames that another node should have got: two address tables differ"),
    DROPPED_UNAUTHENTICATED("Frames without a session, though this node has a secret"),
    DROPPED_NO_SECRET("Frames of sessions, though this node has no secret"),
    DROPPED_UNKNOWN_SESSION("Frames of a session that has ended, or never was"),
    DROPPED_REPLAYED("Frames with a number that was seen before, or is lower than one that was"),
    DROPPED_WRONG_CODE("Frames that were changed or forged"),
    DROPPED_WRONG_PROOF("Messages of handshakes that were made with another secret"),
    DROPPED_STALE_HANDSHAKE("Messages of handshakes that answer nothing that was asked");

    private final String help;

    EndpointCounter(final String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
