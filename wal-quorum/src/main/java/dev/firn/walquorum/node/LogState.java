package dev.firn.walquorum.node;

/** What a log on a WAL node is doing, in one word. */
public enum LogState {
    /** Its proposer is heard of. */
    FOLLOWING("following"),
    /** No proposer is heard of. */
    WAITING("waiting"),
    /** It lacks bytes, and gets them from a peer. */
    CATCHING_UP("catching-up"),
    /** The disk is full: it votes, and takes no more bytes than fit. */
    FULL("full"),
    /** It cannot be used: see {@link LogStatus#trouble}. */
    DAMAGED("damaged");

    private final String word;

    LogState(final String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
