package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeFile;

/** Where tables are written. For one thread that may block. */
public interface ExportTarget extends AutoCloseable {
    /** Whether nothing is there below a path yet; of an empty one, below the root. */
    boolean isFree(String path);

    /** Whether an export that was killed has left a file below a path that it had not finished. */
    boolean hasUnfinished(String path);

    /** Begins a file. @param path with slashes. */
    LakeFile create(String path);

    /** How much off-heap memory a file takes while it is written, at most. */
    long fileMemoryBytes();

    /** Removes a file, finished or not, by whomever; one that is not there counts as removed. */
    void remove(String path);

    /** What to show to the user for a path. */
    String addressOf(String path);

    @Override
    void close();
}
