package dev.firn.walquorum.archive;

/** Hears how far logs are archived. Called on the archive agent's thread. */
@FunctionalInterface
public interface ArchiveListener {
    /** All before this LSN is in the archive, so that the log may be trimmed up to there. */
    void onArchived(long logId, long archivedLsn);
}
