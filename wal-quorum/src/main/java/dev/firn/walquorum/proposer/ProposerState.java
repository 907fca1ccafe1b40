package dev.firn.walquorum.proposer;

/** Where a proposer is. */
public enum ProposerState {
    /** Not started. */
    IDLE,
    /** Asking for votes. */
    CAMPAIGNING,
    /** Elected; a majority has not yet taken on the term with all that came before it. */
    STARTING,
    /** What a majority flushes is committed. */
    LEADING,
    /** Another term is under way. Final. */
    DEPOSED
}
