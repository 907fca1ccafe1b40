package dev.firn.postgres.redo;

/** What a {@link PageRedo} did with a page that needed it. */
public enum PageChange {
    /** Changed; its LSN becomes the end of the record. So it is nearly always. */
    MOVES_LSN,

    /** Changed, but Postgres leaves the LSN as it is. */
    KEEPS_LSN,

    /** Not changed: the record has nothing to do here. */
    NONE
}
