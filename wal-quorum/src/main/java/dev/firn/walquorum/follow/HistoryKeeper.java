package dev.firn.walquorum.follow;

import java.util.Optional;

/**
 * Where the history files of the log's Postgres timelines are kept: the object store. Called on the control thread, and blocks.
 *
 * <p>What does not work is thrown as an {@link IllegalStateException} of one sentence; it is tried again.
 */
public interface HistoryKeeper {
    /** A file of {@code pg_wal}: {@code 00000002.history}. */
    record Kept(int timeline, byte[] content) {}

    /** Of the newest timeline; empty when the log has seen no promotion. */
    Optional<Kept> newest();

    /** Stores a file, durably when it returns. The very same file again is fine. */
    void keep(Kept file);
}
