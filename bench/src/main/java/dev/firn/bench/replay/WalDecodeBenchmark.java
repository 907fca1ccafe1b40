package dev.firn.bench.replay;

import dev.firn.bench.corpus.BulkWorkload;
import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.corpus.CorpusMaker;
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
import dev.firn.bench.harness.Worker;
import dev.firn.nativeio.seam.SystemClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How fast records are read from a log in memory: each found, its checksum verified, its block references decoded. */
public final class WalDecodeBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "wal-decode",
            "records read from WAL in memory on one core, checksum verified, block references decoded",
            "GB/s",
            Direction.HIGHER_IS_BETTER,
            "pg_waldump --quiet");
    private static final int MAJOR = 15;
    private static final List<Workload> WORKLOADS = List.of(new TpcbWorkload(), new BulkWorkload());
    private static final int DEFAULT_ROUNDS = 7;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(500);
    private static final Duration WARMUP = Duration.ofMillis(100);
    private static final Duration COMPILE = Duration.ofSeconds(2);
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(1);

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final CorpusMaker maker = new CorpusMaker(context);
        for (final Workload workload : WORKLOADS) {
            if (context.selects(workload.name())) {
                final Corpus corpus = maker.make(workload, MAJOR);
                final WalDump rival = new WalDump(maker.binaries(MAJOR), context.resources(), SystemClock.INSTANCE);
                // A process for each: what one log taught the compiler is not what the other would.
                try (Worker worker = Worker.start(context, ReplayWorker.class, List.of("-Xms256m", "-Xmx256m"))) {
                    measure(context, worker, workload.name(), corpus, rival);
                }
            }
        }
    }

    private static void measure(
            final BenchContext context,
            final Worker worker,
            final String variant,
            final Corpus corpus,
            final WalDump rival)
            throws BenchmarkException, InterruptedException {
        ask(worker, corpus, COMPILE, WARMUP);
        final List<ReplayMeasurement> measurements = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("Firn", 1, () -> {
            final ReplayMeasurement measurement = ask(worker, corpus, WARMUP, context.sampleDurationOr(DEFAULT_SAMPLE));
            measurements.add(measurement);
            return measurement.gigabytesPerSecond();
        }));
        if (rival.present()) {
            contenders.add(new Contender(rival.name(), 1, () -> rival.run(corpus)));
        }
        final List<List<Sample>> samples = context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
        final Map<String, String> details = details(corpus, measurements.getLast());
        final String name = context.resultName(variant);
        context.report(
                rival.present()
                        ? Result.paired(
                                name,
                                INFO.unit(),
                                INFO.direction(),
                                samples.getFirst(),
                                rival.name(),
                                samples.getLast(),
                                details)
                        : Result.alone(name, INFO.unit(), INFO.direction(), samples.getFirst(), rival.name(), details));
    }

    private static Map<String, String> details(final Corpus corpus, final ReplayMeasurement last) {
        return Map.of(
                "wal",
                "Postgres " + corpus.postgresVersion() + ", " + (corpus.walBytes() >> 20) + " MiB",
                "bytesPerRecord",
                format("%.1f", (double) last.walBytes() / last.records()),
                "nsPerRecord",
                format("%.1f", (double) last.elapsedNs() / last.records()));
    }

    private static String format(final String pattern, final double value) {
        return String.format(Locale.ROOT, pattern, value);
    }

    private static ReplayMeasurement ask(
            final Worker worker, final Corpus corpus, final Duration warmup, final Duration measured)
            throws BenchmarkException, InterruptedException {
        return worker.ask(
                new ReplayJob.Decode(corpus, warmup.toNanos(), measured.toNanos()),
                ReplayMeasurement.class,
                LOAD_LIMIT.plus(warmup).plus(measured));
    }
}
