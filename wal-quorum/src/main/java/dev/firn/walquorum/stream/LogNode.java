package dev.firn.walquorum.stream;

import dev.firn.walquorum.wire.LogDescription;

/** What a writer knows of one configured node. */
final class LogNode {
    final int id;

    /** What it last said that it has; null when it has said nothing. */
    LogDescription description;

    /** What it refused last; null when it did not. */
    String refusal;

    long lastHeardNs;
    boolean isHeard;

    /** Of the question that it has not answered; 0 when there is none. */
    long requestId;

    boolean isCreation;

    /** It hinted that it does not have the acceptor that is thought to follow, and has not been asked since with success. */
    boolean isInDoubt;

    long askedNs;

    LogNode(final int id) {
        this.id = id;
    }

    /** The acceptor that it has; 0 when it has none or has said nothing. */
    long acceptorId() {
        return description == null ? 0 : description.acceptorId();
    }

    void heard(final long nowNs) {
        isHeard = true;
        lastHeardNs = nowNs;
    }
}
