package dev.firn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchSuiteTest {
    private static final long MIB = 1 << 20;

    /** Bytes an operation: less than any object. */
    private static final double NOTHING = 0.1;

    private static final List<Duration> SAMPLES =
            List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(5));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir(factory = OnDisk.class)
    private Path directory;

    @Test
    void shouldListEachBenchmarkOnceWithItsRival() {
        assertThat(BenchSuite.list())
                .extracting(BenchmarkInfo::name)
                .containsExactly(
                        "uring-read-4k",
                        "uring-append-flush",
                        "crc32c",
                        "alloc",
                        "ring-nop",
                        "layer-read",
                        "wal-decode",
                        "redo-record",
                        "redo-pgbench",
                        "redo-bulk",
                        "wal-commit",
                        "wal-stream",
                        "wal-rtt",
                        "s3-get",
                        "s3-put",
                        "local-store",
                        "cache-hit",
                        "cache-scan",
                        "getpage-hot",
                        "getpage-delta",
                        "getpage-nvme",
                        "branch",
                        "ingest",
                        "restore",
                        "soak",
                        "encoders",
                        "transcode",
                        "compression",
                        "rebuild");
        assertThat(BenchSuite.list()).allSatisfy(info -> {
            assertThat(info.rival()).isNotBlank();
            assertThat(info.measures()).isNotBlank();
            assertThat(info.unit()).isNotBlank();
        });
    }

    @Test
    void shouldRefuseANameThatDoesNotExist() {
        final int exit = run(options().withNames(List.of("uring-read-5k")));

        assertThat(exit).isEqualTo(2);
        assertThat(errors()).contains("uring-read-5k", "--list");
        assertThat(output()).isEmpty();
    }

    @Test
    void shouldGoOnAndExitWithOneWhenABenchmarkFails() throws Exception {
        final BenchSuite suite = new BenchSuite(
                List.of(
                        new ScriptedBenchmark("broken", context -> {
                            throw new BenchmarkException("the disk is on fire");
                        }),
                        new ScriptedBenchmark("crashing", context -> {
                            throw new IllegalStateException("a bug");
                        }),
                        new ScriptedBenchmark("fine", BenchSuiteTest::reportOne)),
                SystemClock.INSTANCE);

        final int exit = suite.execute(options().withJson(true), stream(out), stream(err));

        assertThat(exit).isEqualTo(1);
        final JsonNode json = new ObjectMapper().readTree(output());
        assertThat(json.path("results")).hasSize(1);
        assertThat(json.path("results").path(0).path("name").asText()).isEqualTo("fine/only");
        assertThat(json.path("failures").findValuesAsText("name")).containsExactly("broken", "crashing");
        assertThat(errors()).contains("broken: the disk is on fire");
    }

    @Test
    void shouldFailWhenTheVariantAskedForDoesNotExist() {
        final BenchSuite suite =
                new BenchSuite(List.of(new ScriptedBenchmark("fine", BenchSuiteTest::reportOne)), SystemClock.INSTANCE);

        assertThat(suite.execute(options().withNames(List.of("fine/other")), stream(out), stream(err)))
                .isEqualTo(1);
        assertThat(errors()).contains("variant");
        assertThat(suite.execute(options().withNames(List.of("fine/only")), stream(out), stream(err)))
                .isZero();
    }

    @Test
    void shouldKeepASecondRunOffTheWorkDirectory() {
        try (Storage storage = new HostStorage(directory);
                DirectoryLock held = storage.lock("")) {
            assertThat(held).isNotNull();
            assertThat(run(options().withNames(List.of("alloc")))).isEqualTo(1);
        }
        assertThat(errors()).contains("in use");
    }

    @Test
    void shouldMeasureReadsBesideBothRivals() throws Exception {
        final JsonNode json = runJson(options().withNames(List.of("uring-read-4k/depth=32")));

        assertThat(json.path("results").findValuesAsText("name"))
                .containsExactly("uring-read-4k/depth=32", "uring-read-4k/depth=32/filechannel");
        final JsonNode fio = json.path("results").path(0);
        assertMeasuredBesideFio(fio);
        assertThat(fio.path("latency").path("p50Us").asDouble()).isPositive();
        final JsonNode channel = json.path("results").path(1);
        assertThat(channel.path("rival").asText()).contains("FileChannel");
        assertThat(channel.path("ratio").asDouble()).isPositive();
        assertThat(channel.path("rivalLatency").path("p99Us").asDouble()).isPositive();
        assertThat(directory.resolve("read-4k.data")).doesNotExist();
    }

    @Test
    void shouldMeasureAppendsBesideFio() throws Exception {
        final JsonNode json = runJson(options().withNames(List.of("uring-append-flush/8k")));

        assertThat(json.path("results").findValuesAsText("name"))
                .containsExactly("uring-append-flush/8k", "uring-append-flush/8k/fdatasync");
        for (final JsonNode result : json.path("results")) {
            assertMeasuredBesideFio(result);
        }
        assertThat(directory.resolve("append.data")).doesNotExist();
    }

    @Test
    void shouldMeasureMicroBenchmarksInForksWithoutAllocation() throws Exception {
        final JsonNode json = runUntilCompiled(options().withNames(List.of("alloc/8k", "ring-nop/batch=32")));

        assertThat(json.path("results").findValuesAsText("name")).containsExactly("alloc/8k", "ring-nop/batch=32");
        for (final JsonNode result : json.path("results")) {
            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("ratio").asDouble()).isPositive();
            assertThat(result.path("allocatedBytesPerOp").asDouble())
                    .as("heap bytes an operation of %s", result.path("name"))
                    // Compilation may have ended a moment ago; an object an operation or a batch would be more.
                    .isLessThan(NOTHING);
            assertThat(result.path("details").path("gc.alloc.rate.norm").asText())
                    .contains("B/op");
        }
    }

    @Test
    void shouldDecodeWalOfAServerBesideItsOwnReader(@TempDir final Path place) throws Exception {
        letOthersPass(place);

        final JsonNode json = runJson(options().withWorkDirectory(place).withNames(List.of("wal-decode/tpcb")));

        final JsonNode result = json.path("results").path(0);
        assertThat(result.path("value").asDouble()).isPositive();
        assertThat(result.path("allocatedBytesPerOp").asDouble()).isLessThan(NOTHING);
        assertThat(result.path("details").path("wal").asText()).startsWith("Postgres 15.");
        // Not every package brings the program: then it is named as missing.
        assertThat(result.path("rival").asText()).contains("pg_waldump");
        assertThat(result.path("ratio").isNull())
                .isEqualTo(result.path("rivalValue").isNull());
        assertThat(place.resolve("corpus-tpcb-15-4m")).doesNotExist();
    }

    @Test
    void shouldRedoRecordsOfAServerWithoutAllocation(@TempDir final Path place) throws Exception {
        letOthersPass(place);

        final JsonNode json = runUntilCompiled(options()
                .withWorkDirectory(place)
                .withNames(List.of("redo-record/heap-insert", "redo-record/fpi-lz4", "redo-record/commit")));

        // Not all binaries compress by lz4.
        assertThat(json.path("results").findValuesAsText("name"))
                .contains("redo-record/heap-insert", "redo-record/commit");
        for (final JsonNode result : json.path("results")) {
            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("allocatedBytesPerOp").asDouble()).isLessThan(NOTHING);
        }
    }

    @Test
    void shouldReplayBesideTheServersOwnRecovery(@TempDir final Path place) throws Exception {
        letOthersPass(place);

        final JsonNode json = runJson(
                options().withWorkDirectory(place).withFileBytes(16 * MIB).withNames(List.of("redo-bulk/15")));

        assertThat(json.path("results").findValuesAsText("name"))
                .containsExactly("redo-bulk/15", "redo-bulk/15/records");
        for (final JsonNode result : json.path("results")) {
            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("rival").asText()).startsWith("Postgres 15.");
            assertThat(result.path("ratio").asDouble()).isPositive();
        }
    }

    @Test
    void shouldMeasureAppendsToAQuorumBesideItsDisk() throws Exception {
        final JsonNode json = runJson(
                options().withSampleDuration(Duration.ofMillis(500)).withNames(List.of("wal-rtt/512b", "wal-stream")));

        assertThat(json.path("results").findValuesAsText("name"))
                .containsExactly("wal-stream/three-nodes", "wal-rtt/512b", "wal-rtt/512b/overhead");
        for (final JsonNode result : json.path("results")) {
            assertThat(result.path("value").asDouble()).isPositive();
            assertThat(result.path("ratio").asDouble()).isPositive();
        }
        assertThat(json.path("results").path(1).path("details").path("quorum").asText())
                .contains("p99.9");
        assertThat(directory.resolve("wal-rtt")).doesNotExist();
        assertThat(directory.resolve("wal-stream")).doesNotExist();
    }

    /** The server of a corpus runs as a user who has to get there. */
    private static void letOthersPass(final Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    private static void assertMeasuredBesideFio(final JsonNode result) {
        assertThat(result.path("value").asDouble()).isPositive();
        assertThat(result.path("details").path("backend").asText()).isNotEmpty();
        // A host without fio is no failure: the rival is named as missing.
        if (result.path("rivalValue").isNull()) {
            assertThat(result.path("rival").asText()).startsWith("fio").contains("(");
            assertThat(result.path("ratio").isNull()).isTrue();
        } else {
            assertThat(result.path("rival").asText()).matches("fio [0-9.]+ io_uring.*");
            assertThat(result.path("ratio").asDouble()).isPositive();
            assertThat(result.path("details").path("fio").asText())
                    .contains("--direct=1", "--fixedbufs=1", "--registerfiles=1");
        }
    }

    private BenchOptions options() {
        return BenchOptions.defaults(directory)
                .withRounds(1)
                .withSampleDuration(Duration.ofMillis(50))
                .withFileBytes(4 * MIB);
    }

    /** What is not compiled yet makes objects; on processors that have other work that may take seconds. */
    private JsonNode runUntilCompiled(final BenchOptions options) throws Exception {
        JsonNode json = null;
        boolean compiled = false;
        for (int i = 0; i < SAMPLES.size() && !compiled; i++) {
            out.reset();
            json = runJson(options.withSampleDuration(SAMPLES.get(i)));
            compiled = true;
            for (final JsonNode result : json.path("results")) {
                compiled &= result.path("allocatedBytesPerOp").asDouble() < NOTHING;
            }
        }
        return json;
    }

    private JsonNode runJson(final BenchOptions options) throws Exception {
        final int exit = run(options.withJson(true));
        assertThat(exit).as(errors()).isZero();
        return new ObjectMapper().readTree(output());
    }

    private int run(final BenchOptions options) {
        return BenchSuite.run(options, stream(out), stream(err));
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream stream(final ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static void reportOne(final BenchContext context) {
        if (context.selects("only")) {
            context.report(Result.alone(
                    context.resultName("only"),
                    "ops/s",
                    Direction.HIGHER_IS_BETTER,
                    List.of(Sample.ofValue(1)),
                    "nobody",
                    Map.of()));
        }
    }

    private interface Script {
        void run(BenchContext context) throws BenchmarkException;
    }

    private record ScriptedBenchmark(String name, Script script) implements Benchmark {
        @Override
        public BenchmarkInfo info() {
            return new BenchmarkInfo(name, "a script", "ops/s", Direction.HIGHER_IS_BETTER, "nobody");
        }

        @Override
        public void run(final BenchContext context) throws BenchmarkException {
            script.run(context);
        }
    }
}
