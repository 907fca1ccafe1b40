package dev.firn.pagestore.ingest;

/** Where {@link Ingest} stands. */
public enum IngestStep {
    /** All that was fed is taken: the log is wanted from {@link Ingest#neededLsn()} on. */
    NEEDS_WAL,

    /** There is more to take of what was fed; the limit was reached. */
    MORE,

    /** The next record does not fit into the memory table: freeze it, give another one. Nothing of the record is there yet. */
    FULL
}
