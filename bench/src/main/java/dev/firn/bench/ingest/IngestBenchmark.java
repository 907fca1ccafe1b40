package dev.firn.bench.ingest;

import dev.firn.bench.corpus.BulkWorkload;
import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.corpus.CorpusMaker;
import dev.firn.bench.corpus.RandomWorkload;
import dev.firn.bench.corpus.TpcbWorkload;
import dev.firn.bench.corpus.Workload;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.WarmUp;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.replay.StockRecovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A log becomes what the page store keeps of it, beside stock Postgres' recovery of the same log over the same base: what a standby does with it.
 *
 * <p>The sides are not alike in what they leave: Firn's figure has the flushes of memory tables and the merges that run beside it, each synced; stock
 * has all changed pages in shared buffers, and writes nothing.
 */
public final class IngestBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "ingest",
            "WAL that a page store takes, of more data than its memory table has room for: pgbench's, a bulk load's, updates at random",
            "MB/s",
            Direction.HIGHER_IS_BETTER,
            "stock Postgres' recovery");
    private static final int MAJOR = 17;
    private static final List<Workload> WORKLOADS =
            List.of(new TpcbWorkload(), new BulkWorkload(), new RandomWorkload());

    /** A part of the log and of the data, so that tables are flushed and layers merged meanwhile. */
    private static final long TABLE_BYTES = 32L << 20;

    private static final int DEFAULT_ROUNDS = 3;
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(40);
    private static final int BUFFERS_TO_WAL = 3;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final double BYTES_A_MEBIBYTE = 1 << 20;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final CorpusMaker maker = new CorpusMaker(context);
        for (final Workload workload : WORKLOADS) {
            if (context.selects(workload.name())) {
                measure(context, maker, workload);
            }
        }
    }

    private static void measure(final BenchContext context, final CorpusMaker maker, final Workload workload)
            throws BenchmarkException, InterruptedException {
        final Corpus corpus = maker.make(workload, MAJOR);
        final IngestJob job = new IngestJob(
                corpus,
                context.resources()
                        .own(context.workDirectory().resolve(INFO.name()))
                        .toString(),
                TABLE_BYTES);
        final StockRecovery rival =
                new StockRecovery(maker.binaries(MAJOR), corpus, bufferBytes(corpus), context.resources());
        final List<IngestMeasurement> measured = new ArrayList<>();
        try (Worker worker = Worker.start(context, IngestWorker.class, List.of("-Xms256m", "-Xmx256m"))) {
            final String variant = workload.name();
            new WarmUp(context.progress(), LONGEST_WARM_UP)
                    .run(
                            context.resultName(variant),
                            Set.of(worker.pid()),
                            () -> Duration.ofNanos(worker.ask(job, IngestMeasurement.class, LIMIT)
                                    .elapsedNs()));
            final List<List<Sample>> samples = context.interleave(
                    variant,
                    context.roundsOr(DEFAULT_ROUNDS),
                    List.of(
                            new Contender("Firn", 1, () -> {
                                measured.add(worker.ask(job, IngestMeasurement.class, LIMIT));
                                return measured.getLast().megabytesPerSecond();
                            }),
                            new Contender(rival.name(), 1, () -> Sample.ofValue(rival.megabytesPerSecond()))));
            final Map<String, String> details = details(corpus, measured);
            context.report(Result.paired(
                    context.resultName(variant),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    rival.name(),
                    samples.getLast(),
                    details));
            context.report(Result.alone(
                    context.resultName(variant + "/stored"),
                    "B stored a B of WAL",
                    Direction.LOWER_IS_BETTER,
                    measured.stream().map(IngestMeasurement::writeAmplification).toList(),
                    "none: a standby's writes depend on its checkpoints",
                    details));
        }
    }

    private static Map<String, String> details(final Corpus corpus, final List<IngestMeasurement> measured) {
        final IngestMeasurement last = measured.getLast();
        return Map.of(
                "wal",
                "Postgres " + corpus.postgresVersion() + ", " + (corpus.walBytes() >> 20) + " MiB",
                "untilAllIsInLayers",
                String.format(Locale.ROOT, "%.1f MB/s", last.settledMegabytesPerSecond()),
                "shardCpu",
                String.format(Locale.ROOT, "%.0f %%", 100.0 * last.shardCpuNs() / last.elapsedNs()),
                "shardAllocated",
                String.format(Locale.ROOT, "%.4f B a B of WAL", (double) last.allocatedBytes() / last.walBytes()),
                "mostMemory",
                String.format(Locale.ROOT, "%.0f MiB", last.heldBytes() / BYTES_A_MEBIBYTE));
    }

    private static long bufferBytes(final Corpus corpus) throws BenchmarkException {
        try {
            return corpus.baseBytes() + BUFFERS_TO_WAL * corpus.walBytes();
        } catch (final IOException e) {
            throw new BenchmarkException("cannot look through " + corpus.base() + ": " + e.getMessage(), e);
        }
    }
}
