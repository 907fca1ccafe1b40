package dev.firn.bench.replay;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.corpus.CorpusMaker;
import dev.firn.bench.corpus.Workload;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Replay of a log by Firn, on one thread and into memory, beside stock Postgres' own recovery of the same base and the same log, for
 * each major version.
 *
 * <p>Both begin with no page in memory and find base and log in the kernel's page cache; both end with all changed pages in memory and
 * nothing written. Neither syncs.
 */
public final class RedoReplayBenchmark implements Benchmark {
    private static final String UNIT = "MB/s";
    private static final List<Integer> MAJORS = List.of(15, 17);
    private static final int DEFAULT_ROUNDS = 5;

    /** A page that is new takes more room than the log of it, when all of it is not in there. */
    private static final int BUFFERS_TO_WAL = 3;

    /** Fewer leave the compiler at work: the third replay takes up to twice as long as the tenth. */
    private static final int WARMUPS = 8;

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final BenchmarkInfo info;
    private final Workload workload;

    public RedoReplayBenchmark(final String name, final String measures, final Workload workload) {
        this.info =
                new BenchmarkInfo(name, measures, UNIT, Direction.HIGHER_IS_BETTER, "stock Postgres' crash recovery");
        this.workload = workload;
    }

    @Override
    public BenchmarkInfo info() {
        return info;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final CorpusMaker maker = new CorpusMaker(context);
        for (final int major : MAJORS) {
            if (context.selects(Integer.toString(major))) {
                final Corpus corpus = maker.make(workload, major);
                final long bufferBytes = bufferBytes(corpus);
                final StockRecovery rival =
                        new StockRecovery(maker.binaries(major), corpus, bufferBytes, context.resources());
                try (Worker worker = Worker.start(context, ReplayWorker.class, List.of("-Xms512m", "-Xmx512m"))) {
                    measure(context, worker, new ReplayJob.Replay(corpus, bufferBytes), rival);
                }
            }
        }
    }

    private static long bufferBytes(final Corpus corpus) throws BenchmarkException {
        try {
            return corpus.baseBytes() + BUFFERS_TO_WAL * corpus.walBytes();
        } catch (final IOException e) {
            throw new BenchmarkException("cannot look through " + corpus.base() + ": " + e.getMessage(), e);
        }
    }

    private void measure(
            final BenchContext context, final Worker worker, final ReplayJob.Replay job, final StockRecovery rival)
            throws BenchmarkException, InterruptedException {
        final String variant = Integer.toString(job.corpus().major());
        context.progress().step(context.resultName(variant) + ": warming up");
        final ReplayMeasurement cold = ask(worker, job);
        for (int i = 1; i < WARMUPS; i++) {
            ask(worker, job);
        }
        final List<ReplayMeasurement> firn = new ArrayList<>();
        final List<ReplayMeasurement> stock = new ArrayList<>();
        final List<List<Sample>> samples = context.interleave(
                variant,
                context.roundsOr(DEFAULT_ROUNDS),
                List.of(
                        new Contender("Firn", 1, () -> kept(firn, ask(worker, job))),
                        new Contender(rival.name(), 1, () -> kept(stock, rival.run(cold.records())))));
        final Map<String, String> details = Map.of(
                "wal",
                "Postgres " + job.corpus().postgresVersion() + ", "
                        + (job.corpus().walBytes() >> 20) + " MiB, " + cold.records() + " records",
                "firstReplayInAFreshJvm",
                String.format(
                        Locale.ROOT, "%.1f MB/s", cold.megabytesPerSecond().value()));
        context.report(Result.paired(
                context.resultName(variant),
                UNIT,
                info.direction(),
                samples.getFirst(),
                rival.name(),
                samples.getLast(),
                details));
        context.report(Result.paired(
                context.resultName(variant + "/records"),
                "records/s",
                info.direction(),
                firn.stream().map(ReplayMeasurement::recordsPerSecond).toList(),
                rival.name(),
                stock.stream().map(ReplayMeasurement::recordsPerSecond).toList(),
                details));
    }

    private static Sample kept(final List<ReplayMeasurement> all, final ReplayMeasurement measurement) {
        all.add(measurement);
        return measurement.megabytesPerSecond();
    }

    private static ReplayMeasurement ask(final Worker worker, final ReplayJob.Replay job)
            throws BenchmarkException, InterruptedException {
        return worker.ask(job, ReplayMeasurement.class, LIMIT);
    }
}
