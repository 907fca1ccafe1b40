package dev.firn.bench.pages;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is resident of a page store that ingests and answers for long, beside what its configuration lets it take. {@code --seconds} says for how long;
 * an hour is 3,600.
 */
public final class SoakBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "soak",
            "memory that is resident at most, of a process that ingests and reads, flushes, merges, and collects",
            "MiB",
            Direction.LOWER_IS_BETTER,
            "its budget: off-heap memory and heap, as configured");
    private static final long WAL_BYTES_A_SECOND = 4L << 20;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofMinutes(10);

    /** All of the heap is resident from the start, as the memory off the heap is: what is resident grows by what nobody has configured. */
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

    private static final double BYTES_A_MEBIBYTE = 1 << 20;
    private static final double PERCENT = 100;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Duration sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        final SoakMeasurement measured = measure(context, sample);
        context.report(Result.paired(
                INFO.name(),
                INFO.unit(),
                INFO.direction(),
                List.of(Sample.ofValue(measured.mostBytes() / BYTES_A_MEBIBYTE)),
                INFO.rival(),
                List.of(Sample.ofValue(measured.budgetBytes() / BYTES_A_MEBIBYTE)),
                Map.of(
                        "seconds",
                        Long.toString(sample.toSeconds()),
                        "growth",
                        String.format(
                                Locale.ROOT,
                                "%+.1f %% resident, %+.1f %% held off the heap (%.0f MiB), from the second quarter to the last",
                                PERCENT * measured.growth(),
                                PERCENT * measured.heldGrowth(),
                                measured.lastHeldBytes() / BYTES_A_MEBIBYTE),
                        "wal",
                        String.format(Locale.ROOT, "%.0f MiB", measured.walBytes() / BYTES_A_MEBIBYTE),
                        "pagesRead",
                        Long.toString(measured.pagesRead()),
                        "layersAtTheEnd",
                        Integer.toString(measured.layers()))));
    }

    static SoakMeasurement measure(final BenchContext context, final Duration sample)
            throws BenchmarkException, InterruptedException {
        final Path directory = PageDirectories.make(context, INFO.name());
        try (Worker worker = Worker.start(context, SoakWorker.class, FLAGS)) {
            context.progress().step(INFO.name() + ": " + sample.toSeconds() + " s");
            return worker.ask(
                    new SoakJob(directory.toString(), WAL_BYTES_A_SECOND, sample.toNanos()),
                    SoakMeasurement.class,
                    sample.plus(GRACE));
        }
    }
}
