package dev.firn.bench.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.OnDisk;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.meter.Measurement;
import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JobRunnerTest {
    private static final long WARMUP_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MEASURED_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SEED = 4711;
    private static final int DEPTH = 8;
    private static final long FILE_BYTES = 1 << 20;

    private final JobRunner runner = new JobRunner(SystemClock.INSTANCE);

    @TempDir(factory = OnDisk.class)
    private Path directory;

    @BeforeEach
    void makeFile() throws Exception {
        new DataFile(directory.resolve("data"), FILE_BYTES)
                .ensure(new Progress(
                        new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
                        false,
                        SystemClock.INSTANCE));
    }

    @Test
    void shouldReadThroughTheRing() throws Exception {
        assertPlausible(
                runner.run(new Job.RingRead(directory.toString(), "data", DEPTH, SEED, WARMUP_NS, MEASURED_NS)));
    }

    @Test
    void shouldReadThroughTheChannel() throws Exception {
        assertPlausible(
                runner.run(new Job.ChannelRead(directory.toString(), "data", DEPTH, SEED, WARMUP_NS, MEASURED_NS)));
    }

    @Test
    void shouldAppendThroughTheRingAndBeginAgainAtTheEnd() throws Exception {
        final int blockBytes = (int) FILE_BYTES / 4;

        final Measurement measurement =
                runner.run(new Job.RingAppend(directory.toString(), "data", blockBytes, WARMUP_NS, 10 * MEASURED_NS));

        assertPlausible(measurement);
        assertThat(measurement.operations()).as("laps of four appends").isGreaterThan(4);
        final byte[] content = Files.readAllBytes(directory.resolve("data"));
        assertThat(content).hasSize((int) FILE_BYTES).containsOnly((byte) blockBytes);
    }

    @Test
    void shouldStopAtABlockThatIsNotTheOneAskedFor() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("data").toFile(), "rw")) {
            file.write(new byte[(int) FILE_BYTES]);
        }

        assertThatThrownBy(() ->
                        runner.run(new Job.RingRead(directory.toString(), "data", DEPTH, SEED, WARMUP_NS, MEASURED_NS)))
                .hasMessageContaining("read a block that begins with 0, not");
    }

    @Test
    void shouldSayWhichFileIsNotThere() {
        assertThatThrownBy(() -> runner.run(
                        new Job.RingRead(directory.toString(), "absent", DEPTH, SEED, WARMUP_NS, MEASURED_NS)))
                .hasMessageContaining("absent");
    }

    @Test
    void shouldCrossTheProcessBoundaryUnchanged() throws Exception {
        final ObjectMapper mapper = new ObjectMapper();
        final Job job = new Job.RingAppend("somewhere", "data", 8192, 1, 2);

        assertThat(mapper.readValue(mapper.writeValueAsString(job), Job.class)).isEqualTo(job);
    }

    private static void assertPlausible(final Measurement measurement) {
        assertThat(measurement.operations()).isPositive();
        assertThat(measurement.elapsedNs()).isGreaterThanOrEqualTo(MEASURED_NS);
        assertThat(measurement.p50Ns()).isPositive();
        assertThat(measurement.p99Ns()).isGreaterThanOrEqualTo(measurement.p50Ns());
        assertThat(measurement.backend()).isNotEmpty();
        assertThat(measurement.toSample().value()).isEqualTo(measurement.operationsPerSecond());
    }
}
