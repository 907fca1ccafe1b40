package dev.firn.postgres.page;

/** What {@link PageChecksum#verify} says of a page. */
public enum PageVerdict {
    /** A page that Postgres would read. */
    VALID,
    /** All zero: never written since the relation grew. Valid too. */
    ZERO,
    /** The checksum is not that of these bytes at this block number. */
    BAD_CHECKSUM,
    /** The header contradicts itself, or the page claims to be new and isn't zero. */
    BAD_HEADER;

    /** Whether Postgres would take the page. */
    public boolean isAcceptable() {
        return this == VALID || this == ZERO;
    }
}
