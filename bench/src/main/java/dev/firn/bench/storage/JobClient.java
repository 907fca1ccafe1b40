package dev.firn.bench.storage;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.meter.Measurement;
import java.time.Duration;
import java.util.List;

/** Has {@link Job}s carried out by a {@link BenchWorker}. */
final class JobClient implements AutoCloseable {
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    private final Worker worker;

    private JobClient(final Worker worker) {
        this.worker = worker;
    }

    static JobClient start(final BenchContext context) throws BenchmarkException {
        return new JobClient(Worker.start(context, BenchWorker.class, FLAGS));
    }

    Measurement run(final Job job) throws BenchmarkException, InterruptedException {
        return worker.ask(job, Measurement.class, Duration.ofNanos(job.warmupNs() + job.measureNs()));
    }

    @Override
    public void close() {
        worker.close();
    }
}
