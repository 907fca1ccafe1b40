package dev.firn.bench.localstore;

import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.directory.DirectoryConfig;
import dev.firn.s3tier.directory.LocalDirectory;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;

/** The process that carries out {@link LocalJob}s, on stores with the limits that they have by default. */
public final class LocalWorker {
    private LocalWorker() {}

    public static void main(final String[] arguments) throws IOException {
        final LocalRunner runner = new LocalRunner(LocalWorker::open, SystemClock.INSTANCE);
        new WorkerLoop<>(LocalJob.class, runner::run).serve(System.in, System.out);
    }

    static ObjectStore open(final Path directory) {
        return SessionStore.over(
                LocalDirectory.open(directory, DirectoryConfig.DEFAULT, StoreLimits.DEFAULT),
                SystemClock.INSTANCE,
                SystemRandom.secure());
    }
}
