package dev.firn.bench.fio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.harness.Sample;
import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs scripts in fio's place: what fio itself measures is the end-to-end test's matter. */
final class FioTest {
    private static final BenchmarkInfo INFO = new BenchmarkInfo("read", "", "ops/s", Direction.HIGHER_IS_BETTER, "fio");
    private static final String REPORT =
            "{\"jobs\": [{\"error\": 0, \"read\": {\"total_ios\": 10, \"iops\": %s}, \"usr_cpu\": 1, \"sys_cpu\": 1}]}";

    private final RunResources resources = new RunResources();

    @TempDir
    private Path directory;

    @AfterEach
    void release() {
        resources.close();
    }

    @Test
    void shouldNameFioAsMissingAndHowToGetIt() throws Exception {
        final FioRival rival = FioRival.choose(context(), find(), "depth=1", "io_uring", job(), List.of(List.of()));

        assertThat(rival.missing()).isTrue();
        final Result result = rival.result(INFO, "read/depth=1", List.of(Sample.ofValue(7)), null, "io_uring");
        assertThat(result.rival()).isEqualTo("fio (not installed: apt-get install fio)");
        assertThat(result.rivalValue()).isNull();
        assertThat(result.ratio()).isNull();
        assertThat(result.value()).isEqualTo(7);
    }

    @Test
    void shouldNameFioAsFailedAndSayWhatItComplainedOf() throws Exception {
        script("echo 'fio: io_uring_setup: Operation not permitted' >&2; exit 1");

        final FioRival rival = FioRival.choose(context(), find(), "depth=1", "io_uring", job(), List.of(List.of()));

        assertThat(rival.missing()).isTrue();
        assertThat(rival.name())
                .isEqualTo("fio 9.9 (failed: fio ended with 1: fio: io_uring_setup: Operation not permitted)");
    }

    @Test
    void shouldMeetFioAtItsBest() throws Exception {
        script("case \"$*\" in *--batch*) echo '" + REPORT.formatted("300") + "';; *) echo '" + REPORT.formatted("200")
                + "';; esac");

        final FioRival rival = FioRival.choose(
                context(),
                find(),
                "depth=1",
                "io_uring",
                job(),
                List.of(List.of(), List.of("--batch"), List.of("--other")));

        assertThat(rival.missing()).isFalse();
        assertThat(rival.job().extra()).containsExactly("--batch");
        assertThat(rival.job().measured()).isEqualTo(job().measured());
        assertThat(rival.contender().sampler().measure().value()).isEqualTo(300);
        assertThat(rival.name()).isEqualTo("fio 9.9 io_uring");
    }

    @Test
    void shouldFailWhenFioPrintsNoReport() throws Exception {
        script("echo nonsense");

        assertThatThrownBy(() -> find().orElseThrow().run(job()))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("nonsense");
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactly(directory.resolve("fio"));
        }
    }

    @Test
    void shouldAskForWhatMakesAFairRival() {
        final List<String> arguments = new FioJob(
                        Path.of("/data/a:b"),
                        1 << 20,
                        "randread",
                        4096,
                        32,
                        Duration.ofMillis(300),
                        Duration.ofMillis(1500),
                        List.of("--extra=1"))
                .arguments();

        assertThat(arguments)
                .contains(
                        "--ioengine=io_uring",
                        "--direct=1",
                        "--fixedbufs=1",
                        "--registerfiles=1",
                        "--rw=randread",
                        "--bs=4096",
                        "--iodepth=32",
                        "--numjobs=1",
                        "--time_based",
                        "--norandommap",
                        "--randrepeat=0",
                        "--ramp_time=300ms",
                        "--runtime=1500ms",
                        "--output-format=json",
                        "--filename=/data/a\\:b")
                .endsWith("--extra=1");
    }

    private Optional<Fio> find() throws InterruptedException {
        return Fio.find(directory.toString(), directory, resources);
    }

    private void script(final String body) throws IOException {
        final Path fio = Files.writeString(
                directory.resolve("fio"),
                "#!/bin/sh\nif [ \"$1\" = --version ]; then echo fio-9.9; exit 0; fi\n" + body + "\n");
        Files.setPosixFilePermissions(fio, PosixFilePermissions.fromString("rwx------"));
    }

    private FioJob job() {
        return new FioJob(
                directory.resolve("data"),
                4096,
                "randread",
                4096,
                1,
                Duration.ofMillis(1),
                Duration.ofMillis(1),
                List.of());
    }

    private BenchContext context() {
        final Progress progress = new Progress(
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
                false,
                SystemClock.INSTANCE);
        return new BenchContext(
                BenchOptions.defaults(directory),
                INFO,
                new ForkedJvm(List.of(), "none"),
                resources,
                progress,
                result -> {});
    }
}
