package dev.firn.bench.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.s3.load.LoadServer;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.bench.transfer.TransferWorker;
import dev.firn.nativeio.seam.SystemClock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SdkClientTest {
    private static final int OBJECT_BYTES = 1 << 20;
    private static final long DURATION_NS = TimeUnit.MILLISECONDS.toNanos(50);

    @ParameterizedTest
    @CsvSource({"GET, 8192, 3", "GET, 1048576, 2", "PUT, 8192, 3", "PUT, 1048576, 2"})
    void shouldMoveWhatWasAskedFor(final TransferJob.Kind kind, final int bytes, final int inFlight) throws Exception {
        try (LoadServer server = LoadServer.start(OBJECT_BYTES);
                TransferWorker worker = worker()) {
            final Measurement measurement =
                    worker.run(job(kind, "http://127.0.0.1:" + server.report().port(), bytes, inFlight));

            assertThat(measurement.operations()).isGreaterThanOrEqualTo(inFlight);
            assertThat(measurement.backend()).contains("AWS SDK");
            final long moved = kind == TransferJob.Kind.GET
                    ? server.report().bytesSent()
                    : server.report().bytesReceived();
            assertThat(moved).isGreaterThanOrEqualTo(measurement.operations() * bytes);
            assertThat(server.report().refused()).isZero();
        }
    }

    @Test
    void shouldSayWhyAnOperationFailed() throws Exception {
        try (LoadServer server = LoadServer.start(OBJECT_BYTES / 2);
                TransferWorker worker = worker()) {
            // The object ends before the range that is asked for.
            assertThatThrownBy(() -> worker.run(new TransferJob(
                            TransferJob.Kind.GET,
                            "http://127.0.0.1:" + server.report().port(),
                            OBJECT_BYTES / 2,
                            2 * OBJECT_BYTES,
                            8,
                            7,
                            DURATION_NS,
                            DURATION_NS)))
                    .isInstanceOf(BenchmarkException.class)
                    .hasMessageContaining("416");
        }
    }

    private static TransferWorker worker() {
        return new TransferWorker(place -> new SdkClient(place, SystemClock.INSTANCE), SystemClock.INSTANCE);
    }

    private static TransferJob job(
            final TransferJob.Kind kind, final String place, final int bytes, final int inFlight) {
        return new TransferJob(kind, place, bytes, OBJECT_BYTES, inFlight, 7, DURATION_NS, DURATION_NS);
    }
}
