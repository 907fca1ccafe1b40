package dev.firn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of the lake, from end to end, with little to do: their rows are compared with the rivals' each time. */
final class LakeBenchmarksTest {
    private static final long FILE_BYTES = 2L << 20;

    @TempDir
    private Path directory;

    /** The server of the tables runs as a user who has to get there. */
    @BeforeEach
    void letOthersPass() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).allMatch(file -> file.endsWith("lock"));
        }
    }

    @Test
    void shouldTranscodeRebuildAndCompareEachTable() throws Exception {
        final List<JsonNode> results = run("transcode", "compression", "rebuild");

        assertThat(results)
                .extracting(result -> result.path("name").asText())
                .containsExactly(
                        "transcode/lineitem/parquet-java",
                        "transcode/lineitem/duckdb",
                        "transcode/accounts/parquet-java",
                        "transcode/accounts/duckdb",
                        "transcode/events/parquet-java",
                        "transcode/events/duckdb",
                        "compression/lineitem",
                        "compression/lineitem/columns",
                        "compression/accounts",
                        "compression/accounts/columns",
                        "compression/events",
                        "compression/events/columns",
                        "rebuild/lineitem",
                        "rebuild/accounts",
                        "rebuild/events");
        assertThat(results).allSatisfy(result -> {
            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("rivalValue").asDouble()).isPositive();
            assertThat(result.path("ratio").asDouble()).isPositive();
        });
    }

    @Test
    void shouldEncodeBesideTheScalarTwinAndParquetJava() throws Exception {
        final List<JsonNode> results =
                run("encoders/kernel/pack-ints-11", "encoders/kernel/delta-longs", "encoders/page/dictionary-texts");

        assertThat(results)
                .extracting(result -> result.path("rival").asText())
                .containsExactly("its scalar twin", "its scalar twin", "parquet-java's values writer");
        assertThat(results)
                .allSatisfy(
                        result -> assertThat(result.path("ratio").asDouble()).isPositive());
    }

    private List<JsonNode> run(final String... names) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final int exit = BenchSuite.run(
                BenchOptions.defaults(directory)
                        .withNames(List.of(names))
                        .withRounds(1)
                        .withSampleDuration(Duration.ofMillis(50))
                        .withFileBytes(FILE_BYTES)
                        .withJson(true),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(exit).as(err.toString(StandardCharsets.UTF_8)).isZero();
        final JsonNode results = new ObjectMapper().readTree(out.toByteArray()).path("results");
        return Stream.iterate(0, i -> i < results.size(), i -> i + 1)
                .map(results::get)
                .toList();
    }
}
