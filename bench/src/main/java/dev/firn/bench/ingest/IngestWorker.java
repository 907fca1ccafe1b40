package dev.firn.bench.ingest;

import dev.firn.bench.harness.WorkerLoop;
import java.io.IOException;

/** The process that carries out {@link IngestJob}s, one at a time. */
public final class IngestWorker {
    private IngestWorker() {}

    public static void main(final String[] arguments) throws IOException {
        new WorkerLoop<>(IngestJob.class, IngestRun::carryOut).serve(System.in, System.out);
    }
}
