package dev.firn.walquorum.reader;

/** Where a reader of committed WAL stands. */
public enum ReaderState {
    /** No node has answered yet, or none that has the log. */
    SEEKING,
    /** A node sends. */
    READING,
    /**
     * Every node that answers has trimmed what is wanted, or has not got so far: only the archive has it. Stays so until the
     * reader is moved.
     */
    TRIMMED,
    CLOSED
}
