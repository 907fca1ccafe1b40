package dev.firn.bench.corpus;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A cluster's files and the log that goes on from them.
 *
 * @param directory holds {@link #base} and {@link #wal}.
 * @param major of the Postgres that made it.
 * @param postgresVersion as it calls itself: 15.18.
 * @param segmentBytes size of a WAL segment.
 * @param startLsn the base's checkpoint: where replay starts.
 * @param endLsn where the log ends, on a record's end.
 */
public record Corpus(
        String directory, int major, String postgresVersion, int segmentBytes, long startLsn, long endLsn) {
    private static final String DESCRIPTION = "corpus.json";

    /** Data directory as it was at a checkpoint, of a server that ran: stock Postgres recovers from it as after a crash. No WAL. */
    @JsonIgnore
    public Path base() {
        return Path.of(directory, "base");
    }

    /** The WAL segments. */
    @JsonIgnore
    public Path wal() {
        return Path.of(directory, "wal");
    }

    @JsonIgnore
    public long walBytes() {
        return endLsn - startLsn;
    }

    @JsonIgnore
    public PostgresVersion version() {
        return PostgresVersion.ofMajor(major);
    }

    /** Puts base and log together in a data directory, which is made: as a server that was killed at the log's end leaves it. */
    public void copyCrashed(final Path data) throws IOException {
        Files.createDirectories(data.getParent());
        CorpusMaker.copyTree(base(), data);
        final Path log = data.resolve("pg_wal");
        try (Stream<Path> segments = Files.list(wal())) {
            for (final Path segment : (Iterable<Path>) segments::iterator) {
                Files.copy(segment, log.resolve(segment.getFileName()));
            }
        }
    }

    /** All files of the base together. */
    public long baseBytes() throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(base())) {
            for (final Path file : (Iterable<Path>) files::iterator) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }

    /** One that a run before left; null when there is none, or it was not finished. */
    static Corpus read(final Path directory) throws IOException {
        final Path file = directory.resolve(DESCRIPTION);
        return Files.exists(file) ? new ObjectMapper().readValue(file.toFile(), Corpus.class) : null;
    }

    /** Says that it is whole. */
    void write() throws IOException {
        new ObjectMapper().writeValue(Path.of(directory).resolve(DESCRIPTION).toFile(), this);
    }
}
