package dev.firn.pagestore.replay;

import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/** Watches a replay. What it is given is borrowed for the call. */
interface RedoMonitor {
    /** A record will be applied. */
    default void begins(final WalRecord record) {}

    /** A page of a registered block is as redo leaves it. It may be changed: that counts as the record's doing. */
    default void redone(final WalRecord record, final int block, final MemorySegment page) {}

    /**
     * Redo of a page threw; the page is undefined.
     *
     * @param block the registered block, or -1 when it is another page of the record.
     * @return whether the page has been made whole.
     */
    default boolean pageFailed(
            final WalRecord record, final int block, final MemorySegment page, final RuntimeException cause) {
        throw cause;
    }

    /** What the record does besides pages threw, or which pages it touches. */
    default void recordFailed(final WalRecord record, final RuntimeException cause) {
        throw cause;
    }

    /** A record has been applied. */
    default void ended(final WalRecord record) {}
}
