package dev.firn.pagestore.replay;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The files of a log: what a written directory's {@code pg_wal} is copied from. */
public interface LogFiles {
    /** The file with a segment, of the newest timeline that has it. */
    Optional<Path> segment(long number);

    /** The history files that there are. */
    List<Path> histories();
}
