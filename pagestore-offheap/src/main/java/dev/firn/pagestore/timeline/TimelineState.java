package dev.firn.pagestore.timeline;

/** How an open timeline stands. */
public enum TimelineState {
    /** Its manifest is being taken over. */
    CLAIMING,
    /** Sizes and floors are read from its layers. */
    LOADING,
    /** What the base backup has besides pages is being told. */
    IMPORTING,
    /** Takes WAL, and answers reads. */
    LIVE,
    /** Answers reads, but takes no WAL: what came can't be taken. */
    STUCK,
    /** Another owner has taken over: nothing is answered any more. */
    DEPOSED,
    /** It could not be opened. */
    REFUSED,
    /** It is being closed, or was. */
    CLOSED
}
