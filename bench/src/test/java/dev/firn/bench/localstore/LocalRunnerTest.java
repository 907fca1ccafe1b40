package dev.firn.bench.localstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.OnDisk;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.storage.DataFile;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalRunnerTest {
    /** More than the writer has buffers for, and not a whole number of parts. */
    private static final long STREAM_BYTES = (50L << 20) + DataFile.BLOCK_BYTES;

    private static final int OBJECT_BYTES = 4 << 10;
    private static final long DURATION_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LocalRunner runner = new LocalRunner(LocalWorker::open, SystemClock.INSTANCE);

    @TempDir(factory = OnDisk.class)
    private Path directory;

    @Test
    void shouldStreamAFileIntoTheStoreAndCompareIt() throws Exception {
        final DataFile source = new DataFile(directory.resolve("source"), STREAM_BYTES);
        source.ensure(new Progress(
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
                false,
                SystemClock.INSTANCE));

        final Measurement measurement = runner.run(new LocalJob.Stream(
                directory.resolve("store").toString(), source.path().toString(), true));

        assertThat(measurement.operations()).isEqualTo(1);
        assertThat(measurement.elapsedNs()).isPositive();
        assertThat(measurement.backend()).contains("directory");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(source.path());
        }
    }

    @Test
    void shouldCreateObjectsAndFiles() throws Exception {
        final TransferJob job = new TransferJob(
                TransferJob.Kind.CREATE,
                directory.resolve("place").toString(),
                OBJECT_BYTES,
                OBJECT_BYTES,
                4,
                1,
                DURATION_NS,
                DURATION_NS);

        assertThat(runner.run(new LocalJob.Create(job)).operations()).isGreaterThanOrEqualTo(4);
        assertThat(runner.run(new LocalJob.Link(job)).operations()).isGreaterThanOrEqualTo(4);

        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldSayWhichSourceIsNotThere() {
        assertThatThrownBy(() -> runner.run(new LocalJob.Stream(
                        directory.resolve("store").toString(),
                        directory.resolve("absent").toString(),
                        false)))
                .hasMessageContaining("absent");
    }

    @Test
    void shouldCrossTheProcessBoundaryUnchanged() throws Exception {
        final ObjectMapper mapper = new ObjectMapper();
        final LocalJob job =
                new LocalJob.Create(new TransferJob(TransferJob.Kind.CREATE, "somewhere", 1, 1, 2, 3, 4, 5));

        assertThat(mapper.readValue(mapper.writeValueAsString(job), LocalJob.class))
                .isEqualTo(job);
    }
}
