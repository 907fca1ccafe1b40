package dev.firn.bench.transfer;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.WorkerLoop;
import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.function.Function;

/** Carries out {@link TransferJob}s with one client, which it keeps as long as the place is the same. For the thread that
 * answers. */
public final class TransferWorker implements AutoCloseable {
    private final Function<String, TransferClient> clients;
    private final Clock clock;
    private TransferClient client;
    private String place;

    /** @param clients makes the client of a place. */
    public TransferWorker(final Function<String, TransferClient> clients, final Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    /** Answers the suite until its end, then closes the client. */
    public static void serve(final Function<String, TransferClient> clients, final Clock clock) throws IOException {
        try (TransferWorker worker = new TransferWorker(clients, clock)) {
            new WorkerLoop<>(TransferJob.class, worker::run).serve(System.in, System.out);
        }
    }

    public Measurement run(final TransferJob job) throws BenchmarkException, InterruptedException {
        if (!job.place().equals(place)) {
            close();
            client = clients.apply(job.place());
            place = job.place();
        }
        // Shared: a client's own threads fill it.
        try (Arena arena = Arena.ofShared()) {
            final TransferSlots slots = new TransferSlots(job, arena);
            if (job.warmupNs() > 0) {
                slots.restart(true);
                client.transfer(job, slots, job.warmupNs());
            }
            slots.restart(false);
            final Meter meter = Meter.ofProcess(clock);
            meter.start();
            client.transfer(job, slots, job.measureNs());
            meter.stop();
            final LatencyRecorder latency = slots.latency();
            return meter.measurement(latency.count(), latency, 0, client.describe());
        } catch (final TransferClient.TransferException e) {
            throw new BenchmarkException(client.describe() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
            client = null;
            place = null;
        }
    }
}
