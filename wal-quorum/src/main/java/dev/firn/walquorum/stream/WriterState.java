package dev.firn.walquorum.stream;

/** Where a {@link QuorumWriter} is. */
public enum WriterState {
    /** Asks the nodes to make the log. */
    CREATING("creating"),
    /** The log is made; its first membership waits to be stored, then {@link QuorumWriter#begin}. */
    CREATED("created"),
    /** Asks the nodes what they have of the log. */
    SEARCHING("searching"),
    /** Asks for votes. */
    CAMPAIGNING("campaigning"),
    /** Elected; a majority is taking on the term. WAL is taken already. */
    STARTING("starting"),
    /** What a majority flushes is committed. */
    LEADING("leading"),
    /** Too few acceptors answer; goes on by itself when they do. */
    NO_MAJORITY("no-majority"),
    /** Another term is under way: nothing more is committed here until {@link QuorumWriter#campaignAgain}. */
    DEPOSED("deposed"),
    /** The log cannot be made or used as it was asked for. Final. */
    REFUSED("refused"),
    CLOSED("closed");

    private final String word;

    WriterState(final String word) {
        this.word = word;
    }

    /** As status and metrics say it. */
    public String word() {
        return word;
    }
}
