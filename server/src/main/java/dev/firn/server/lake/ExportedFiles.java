package dev.firn.server.lake;

import java.nio.file.Path;
import java.util.List;

/** What an export has written, to be read again. For one thread that may block. */
public interface ExportedFiles extends AutoCloseable {
    /** What the names of all files end with. */
    String SUFFIX = ".parquet";

    /** All Parquet files, each by its path below the export's root, with slashes; in order. */
    List<String> paths();

    /** A file on this machine: borrowed until {@link #release}. */
    Path open(String path);

    /** Lets go of all files that were opened. */
    void release();

    /** What to show to the user for a path; of an empty one, for the root. */
    String addressOf(String path);

    @Override
    void close();
}
