package dev.firn.compute.corpus;

import dev.firn.compute.binaries.PostgresBinaries;
import java.nio.file.Path;

/**
 * WAL with what was there before it and after it. The directories belong to the user who runs Postgres.
 *
 * @param binaries the Postgres that wrote it
 * @param settings what it was made with
 * @param base     data directory of a cluster that was initialised, run for a moment and shut down
 * @param wal      every segment from there on, timeline histories included
 * @param end      the data directory after the last, clean shutdown
 */
public record Corpus(PostgresBinaries binaries, CorpusSettings settings, Path base, Path wal, Path end) {}
