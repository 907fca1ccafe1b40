package dev.firn.bench.localstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.bench.meter.Measurement;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.bench.transfer.TransferWorker;
import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinkClientTest {
    private static final int BYTES = 4 << 10;

    @TempDir
    private Path directory;

    @Test
    void shouldMakeAFileForEachOperationAndNoDraft() throws Exception {
        final Path place = directory.resolve("files");
        final Measurement measurement;
        try (TransferWorker worker =
                new TransferWorker(at -> new LinkClient(Path.of(at), SystemClock.INSTANCE), SystemClock.INSTANCE)) {
            measurement = worker.run(new TransferJob(
                    TransferJob.Kind.CREATE,
                    place.toString(),
                    BYTES,
                    BYTES,
                    4,
                    1,
                    0,
                    TimeUnit.MILLISECONDS.toNanos(50)));
        }

        try (Stream<Path> files = Files.list(place)) {
            final List<Path> all = files.toList();
            assertThat(all).hasSize((int) measurement.operations());
            assertThat(all).allSatisfy(file -> {
                assertThat(file).hasSize(BYTES);
                assertThat(file.toString()).doesNotEndWith(".draft");
            });
        }
    }
}
