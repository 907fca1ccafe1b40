package dev.firn.bench.pages;

import dev.firn.bench.harness.WorkerLoop;
import java.io.IOException;

/** The process that carries out {@link PageJob}s. */
public final class PageWorker {
    private PageWorker() {}

    public static void main(final String[] arguments) throws IOException {
        try (PageRunner runner = new PageRunner()) {
            new WorkerLoop<>(PageJob.class, runner::run).serve(System.in, System.out);
        }
    }
}
