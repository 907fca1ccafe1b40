package dev.firn.bench.pages;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.meter.Measurement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A branch of a timeline, from the wish to have it to the first page that is read of it; beside it the same of a timeline that is a tenth as large. Each is
 * deleted again.
 */
public final class BranchBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "branch",
            "a branch of 1 GiB made in a shard, its LSN kept by what is stored of its parent, and a page of it read; the median",
            "ms",
            Direction.LOWER_IS_BETTER,
            "the same on 100 MiB");
    private static final int SMALL_BLOCKS = 12_800;
    private static final int LARGE_BLOCKS = 131_072;
    private static final int DEFAULT_ROUNDS = 3;
    private static final int BRANCHES = 64;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final double NS_A_MS = 1e6;
    private static final double MS_A_US = 1e-3;
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Path directory = PageDirectories.make(context, INFO.name());
        try (Worker large = Worker.start(context, PageWorker.class, FLAGS);
                Worker small = Worker.start(context, PageWorker.class, FLAGS)) {
            context.progress().step(INFO.name() + ": making layers");
            ask(small, directory, SMALL_BLOCKS);
            ask(large, directory, LARGE_BLOCKS);
            final List<List<Sample>> samples = context.interleave(
                    "create",
                    context.roundsOr(DEFAULT_ROUNDS),
                    List.of(
                            new Contender("1 GiB", 1, () -> ask(large, directory, LARGE_BLOCKS)),
                            new Contender("100 MiB", 1, () -> ask(small, directory, SMALL_BLOCKS))));
            context.report(Result.paired(
                    INFO.name(),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    INFO.rival(),
                    samples.getLast(),
                    Map.of("store", "a directory, with its syncs", "branches", BRANCHES + " a round")));
        }
    }

    private static Sample ask(final Worker worker, final Path directory, final int blocks)
            throws BenchmarkException, InterruptedException {
        final Measurement measurement =
                worker.ask(new PageJob.Branches(directory.toString(), blocks, BRANCHES), Measurement.class, LIMIT);
        return new Sample(
                measurement.p50Ns() / NS_A_MS,
                new Sample.Latency(measurement.p50Ns() * MS_A_US, measurement.p99Ns() * MS_A_US),
                null,
                null);
    }
}
