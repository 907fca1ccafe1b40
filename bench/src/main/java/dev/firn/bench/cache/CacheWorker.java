package dev.firn.bench.cache;

import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;

/** The process that owns the cache and carries out {@link CacheReadJob}s. */
public final class CacheWorker {
    private CacheWorker() {}

    public static void main(final String[] arguments) throws IOException {
        try (CacheRunner runner = new CacheRunner(SystemClock.INSTANCE)) {
            new WorkerLoop<>(CacheReadJob.class, runner::run).serve(System.in, System.out);
        }
    }
}
