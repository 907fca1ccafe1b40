package dev.firn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of the object store and of the cache, from end to end, with little to do. */
final class StoreBenchmarksTest {
    private static final long FILE_BYTES = 16L << 20;

    @TempDir(factory = OnDisk.class)
    private Path directory;

    @AfterEach
    void nothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).allMatch(file -> file.endsWith("lock"));
        }
    }

    @Test
    void shouldReadFromS3BesideTheSdk() throws Exception {
        final List<JsonNode> results = run("s3-get/8k/in-flight=16", "s3-get/64m/in-flight=1");

        assertThat(results)
                .extracting(
                        result -> result.path("name").asText(),
                        result -> result.path("unit").asText())
                .containsExactly(
                        tuple("s3-get/8k/in-flight=16", "ops/s"),
                        tuple("s3-get/8k/in-flight=16/cpu", "CPU s/GB"),
                        tuple("s3-get/64m/in-flight=1", "MB/s"),
                        tuple("s3-get/64m/in-flight=1/cpu", "CPU s/GB"));
        assertBesideTheSdk(results);
    }

    @Test
    void shouldWriteToS3BesideTheSdk() throws Exception {
        assertBesideTheSdk(run("s3-put/8k/in-flight=16"));
    }

    @Test
    void shouldNameTheSdkAsMissingWhereOnlyTheProductIs(@TempDir final Path empty) throws Exception {
        final String root = System.setProperty("firn.root", empty.toString());
        try {
            final JsonNode result = run("s3-get/8k/in-flight=1").getFirst();

            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("rival").asText()).contains("not there", "rivals");
            assertThat(result.path("ratio").isNull()).isTrue();
        } finally {
            if (root == null) {
                System.clearProperty("firn.root");
            } else {
                System.setProperty("firn.root", root);
            }
        }
    }

    @Test
    void shouldStreamIntoTheDirectoryBesideCpAndSync() throws Exception {
        final JsonNode result = run("local-store/put").getFirst();

        assertThat(result.path("rival").asText()).isEqualTo("cp and sync");
        assertMeasured(result);
    }

    @Test
    void shouldCreateObjectsBesideLinkedFiles() throws Exception {
        final JsonNode result = run("local-store/create/in-flight=16").getFirst();

        assertThat(result.path("rival").asText()).contains("link");
        assertThat(result.path("latency").path("p99Us").asDouble()).isPositive();
        assertThat(result.path("rivalLatency").path("p99Us").asDouble()).isPositive();
        assertMeasured(result);
    }

    @Test
    void shouldReadFromTheCacheBesideFioAndFindBlocksBesideAMap() throws Exception {
        final List<JsonNode> results = run("cache-hit/depth=32", "cache-hit/lookup/64k");

        final JsonNode reads = results.getFirst();
        assertThat(reads.path("value").asDouble()).isPositive();
        assertThat(reads.path("latency").path("p99Us").asDouble()).isPositive();
        // A host without fio is no failure: the rival is named as missing.
        assertThat(reads.path("rival").asText()).startsWith("fio");
        final JsonNode lookup = results.getLast();
        assertThat(lookup.path("unit").asText()).isEqualTo("ns/op");
        assertThat(lookup.path("allocatedBytesPerOp").asDouble()).isLessThan(0.1);
        assertMeasured(lookup);
    }

    @Test
    void shouldCompareHitRatesOnOneTrace() throws Exception {
        final List<JsonNode> results = run("cache-scan/zipf+scans/5%");

        assertThat(results).extracting(result -> result.path("rival").asText()).containsExactly("LRU", "CLOCK");
        for (final JsonNode result : results) {
            assertThat(result.path("value").asDouble()).isBetween(0.1, 1.0);
            assertThat(result.path("rivalValue").asDouble()).isBetween(0.1, 1.0);
        }
    }

    private static void assertBesideTheSdk(final List<JsonNode> results) {
        for (final JsonNode result : results) {
            assertThat(result.path("rival").asText()).startsWith("AWS SDK for Java 2.");
            assertThat(result.path("details").path("server").asText()).contains("processors");
            assertMeasured(result);
        }
    }

    private static void assertMeasured(final JsonNode result) {
        assertThat(result.path("value").asDouble()).as("%s", result).isPositive();
        assertThat(result.path("rivalValue").asDouble()).as("%s", result).isPositive();
        assertThat(result.path("ratio").asDouble()).as("%s", result).isPositive();
    }

    private List<JsonNode> run(final String... names) throws Exception {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final int exit = BenchSuite.run(
                BenchOptions.defaults(directory)
                        .withRounds(1)
                        .withSampleDuration(Duration.ofMillis(50))
                        .withFileBytes(FILE_BYTES)
                        .withJson(true)
                        .withNames(List.of(names)),
                stream(out),
                stream(err));
        assertThat(exit).as(err.toString(StandardCharsets.UTF_8)).isZero();
        final JsonNode results = new ObjectMapper().readTree(out.toByteArray()).path("results");
        return Stream.iterate(0, i -> i + 1)
                .limit(results.size())
                .map(results::path)
                .toList();
    }

    private static PrintStream stream(final ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
