package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeFile;

/** Where tables are written. For one thread that may block. */
public interface ExportTarget extends AutoCloseable {
    /** Whether nothing is there below a path yet. */
    boolean isFree(String path);

    /** Begins a file. @param path with slashes. */
    LakeFile create(String path);

    /** What to show to the user for a path. */
    String addressOf(String path);

    @Override
    void close();
}
