package dev.firn.bench.localstore;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.transfer.SessionClient;
import dev.firn.bench.transfer.TransferClient;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.bench.transfer.TransferWorker;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Carries out jobs, one at a time, in the calling thread: each in a directory of its own, which is gone afterwards, so that none
 * finds what another left.
 */
final class LocalRunner {
    private final Function<Path, ObjectStore> stores;
    private final Clock clock;

    /** @param stores opens the store of a directory. */
    LocalRunner(final Function<Path, ObjectStore> stores, final Clock clock) {
        this.stores = stores;
        this.clock = clock;
    }

    Measurement run(final LocalJob job) throws IOException, BenchmarkException, InterruptedException {
        return switch (job) {
            case LocalJob.Stream stream -> stream(stream);
            case LocalJob.Create create ->
                transfer(
                        create.transfer(),
                        place -> new SessionClient(
                                stores.apply(Path.of(place)), IdleProfile.SHARED_MACHINE.newIdleStrategy(), clock));
            case LocalJob.Link link -> transfer(link.transfer(), place -> new LinkClient(Path.of(place), clock));
        };
    }

    private Measurement stream(final LocalJob.Stream job) throws IOException {
        final Path directory = Path.of(job.directory());
        try (ObjectStore store = stores.apply(directory)) {
            return new StreamPut(store, IdleProfile.SHARED_MACHINE.newIdleStrategy(), clock)
                    .run(Path.of(job.source()), job.verified());
        } finally {
            RunResources.delete(directory);
        }
    }

    private Measurement transfer(final TransferJob job, final Function<String, TransferClient> clients)
            throws IOException, BenchmarkException, InterruptedException {
        try (TransferWorker worker = new TransferWorker(clients, clock)) {
            return worker.run(job);
        } finally {
            RunResources.delete(Path.of(job.place()));
        }
    }
}
