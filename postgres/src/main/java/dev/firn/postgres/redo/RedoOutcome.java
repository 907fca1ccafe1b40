package dev.firn.postgres.redo;

/** What {@link Redo#apply} did with a page. */
public enum RedoOutcome {
    /** The page was changed by the record. */
    APPLIED,

    /** The page was replaced by the record's image of it. */
    RESTORED,

    /** The page has the record's change already: its LSN is not below the record's. */
    ALREADY_APPLIED,

    /** The record has nothing to change on this page. */
    UNCHANGED,

    /**
     * The page was never written, and the record changes a page that was: replay goes on when the relation is truncated or dropped
     * later, and has lost something when it is not.
     */
    MISSING
}
