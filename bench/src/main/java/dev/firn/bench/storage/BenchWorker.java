package dev.firn.bench.storage;

import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;

/** The process that carries out {@link Job}s. */
public final class BenchWorker {
    private BenchWorker() {}

    public static void main(final String[] arguments) throws IOException {
        final JobRunner runner = new JobRunner(SystemClock.INSTANCE);
        new WorkerLoop<>(Job.class, runner::run).serve(System.in, System.out);
    }
}
