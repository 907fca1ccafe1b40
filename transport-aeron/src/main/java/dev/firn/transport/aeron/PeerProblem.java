package dev.firn.transport.aeron;

/** What keeps two nodes from talking that only a person can mend; ends when an authenticated frame arrives. */
enum PeerProblem {
    NONE(""),
    DIFFERENT_SECRET(" does not hold the same secret"),
    PEER_WITHOUT_SECRET(" was given no secret, and sends without authentication"),
    SELF_WITHOUT_SECRET(" authenticates, and this node was given no secret");

    private final String sentence;

    PeerProblem(final String sentence) {
        this.sentence = sentence;
    }

    String of(final int peerId) {
        return "node " + peerId + sentence;
    }
}
