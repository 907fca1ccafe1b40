package dev.firn.walquorum.backup;

/** Hears how far a base backup has come. Called on the sink's thread, often. */
@FunctionalInterface
public interface BackupProgress {
    /** Nobody listens. */
    BackupProgress NONE = (archive, bytes, estimated, allBytes, allEstimated) -> {
        // Nobody listens.
    };

    /**
     * @param archive which archive is coming.
     * @param archiveBytes how much of it has come.
     * @param archiveEstimatedBytes how large the server takes it to be; -1 when nobody knows. It may become larger.
     * @param allBytes how much of all archives has come.
     * @param allEstimatedBytes how large the server takes all of them to be; -1 when nobody knows.
     */
    void onProgress(
            String archive, long archiveBytes, long archiveEstimatedBytes, long allBytes, long allEstimatedBytes);
}
