package dev.firn.bench.quorum;

import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;

/** The process that carries out {@link QuorumJob}s. */
public final class QuorumWorker {
    private QuorumWorker() {}

    public static void main(final String[] arguments) throws IOException {
        try (QuorumRunner runner = new QuorumRunner(SystemClock.INSTANCE)) {
            new WorkerLoop<>(QuorumJob.class, runner::run).serve(System.in, System.out);
        }
    }
}
