package dev.firn.bench.lake;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Tables of a Postgres that was stopped, vacuumed and frozen; and their rows as CSV, for the rivals.
 *
 * @param data the data directory.
 * @param postgresVersion as it calls itself: 17.11.
 * @param tables by {@link LakeTable#variant}.
 */
record LakeCorpus(String directory, String data, int major, String postgresVersion, Map<String, Facts> tables) {
    private static final String DESCRIPTION = "corpus.json";

    LakeCorpus {
        tables = Map.copyOf(tables);
    }

    /**
     * What is known of a table.
     *
     * @param csv the file of its rows: no header, null as \N.
     */
    record Facts(long rows, long heapBytes, String csv) {}

    Facts facts(final LakeTable table) {
        return tables.get(table.variant());
    }

    @JsonIgnore
    Path dataDirectory() {
        return Path.of(data);
    }

    /** One that a run before left; null when there is none, or it was not finished. */
    static LakeCorpus read(final Path directory) throws IOException {
        final Path file = directory.resolve(DESCRIPTION);
        return Files.exists(file) ? new ObjectMapper().readValue(file.toFile(), LakeCorpus.class) : null;
    }

    /** Says that it is whole. */
    void write() throws IOException {
        new ObjectMapper().writeValue(Path.of(directory).resolve(DESCRIPTION).toFile(), this);
    }
}
