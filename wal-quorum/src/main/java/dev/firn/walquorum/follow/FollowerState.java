package dev.firn.walquorum.follow;

/** Where a {@link Follower} is. */
public enum FollowerState {
    /** The quorum has no leader here yet, or no majority. */
    WAITING("waiting"),
    /** Reaches the server, checks it, and asks it for WAL. */
    CONNECTING("connecting"),
    STREAMING("streaming"),
    /** Between two tries: the last error says why. */
    RECONNECTING("reconnecting"),
    /** Another writer has taken over. */
    DEPOSED("deposed"),
    /** Goes no further until somebody has done what the last error says; looks now and then whether that is so. */
    FAILED("failed"),
    STOPPED("stopped");

    private final String word;

    FollowerState(final String word) {
        this.word = word;
    }

    /** As status and metrics say it. */
    public String word() {
        return word;
    }
}
