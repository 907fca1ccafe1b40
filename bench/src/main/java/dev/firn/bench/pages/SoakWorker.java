package dev.firn.bench.pages;

import dev.firn.bench.harness.WorkerLoop;
import java.io.IOException;

/** The process whose memory is measured; its heap is as large as it may become from its start. */
public final class SoakWorker {
    private SoakWorker() {}

    public static void main(final String[] arguments) throws IOException {
        new WorkerLoop<>(SoakJob.class, SoakRun::carryOut).serve(System.in, System.out);
    }
}
