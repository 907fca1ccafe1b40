package dev.firn.bench.micro;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Rivals;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Micro-benchmarks by JMH, with its gc profiler, a fork a sample: each sample is a fresh JVM with the product's flags, so
 * that the luck of one compilation does not decide, and the two sides take turns as everywhere in this suite.
 */
public final class JmhBenchmark implements Benchmark {
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(600);
    private static final Duration FORK_OVERHEAD = Duration.ofSeconds(10);
    private static final int DEFAULT_ROUNDS = 5;

    // However short the sample: code that is not compiled yet allocates and says nothing about what it will cost.
    private static final Duration WARMUP = Duration.ofMillis(500);
    private static final List<String> FORK_FLAGS = List.of("-Xms256m", "-Xmx256m");

    // JMH's lock is one file for the whole host, left behind by whoever crashed; the suite's lock is its work
    // directory's.
    private static final List<String> HOST_FLAGS = List.of("-Xmx256m", "-Djmh.ignoreLock=true");

    private final BenchmarkInfo info;
    private final List<MicroCase> cases;
    private final boolean rivalsAreLibraries;

    public JmhBenchmark(final BenchmarkInfo info, final List<MicroCase> cases) {
        this(info, cases, false);
    }

    /** @param rivalsAreLibraries whether rivals' classes are in the folder of {@link Rivals}, and not on the product's class path. */
    public JmhBenchmark(final BenchmarkInfo info, final List<MicroCase> cases, final boolean rivalsAreLibraries) {
        this.info = info;
        this.cases = List.copyOf(cases);
        this.rivalsAreLibraries = rivalsAreLibraries;
    }

    @Override
    public BenchmarkInfo info() {
        return info;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final List<String> libraries = rivalsAreLibraries ? Rivals.classPath() : List.of();
        try (Worker worker = Worker.start(context, MicroWorker.class, HOST_FLAGS, libraries)) {
            for (final MicroCase micro : cases) {
                if (context.selects(micro.variant())) {
                    measure(context, worker, micro);
                }
            }
        }
    }

    private void measure(final BenchContext context, final Worker worker, final MicroCase micro)
            throws BenchmarkException, InterruptedException {
        final String rival = micro.rivalName() == null ? info.rival() : micro.rivalName();
        final List<Double> profiled = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("Firn", 1, () -> {
            final MicroMeasurement measurement = ask(context, worker, micro.firn());
            profiled.add(measurement.profiledBytesPerInvocation() / micro.firn().operations());
            return micro.sample(micro.firn(), measurement);
        }));
        if (micro.rival() != null) {
            contenders.add(new Contender(
                    rival, 1, () -> micro.sample(micro.rival(), ask(context, worker, micro.rival()))));
        }
        final List<List<Sample>> samples =
                context.interleave(micro.variant(), context.roundsOr(DEFAULT_ROUNDS), contenders);
        final String name = context.resultName(micro.variant());
        final Map<String, String> details =
                Map.of("gc.alloc.rate.norm", largest(profiled) + " B/op with what JMH allocates an iteration");
        context.report(
                micro.rival() == null
                        ? Result.alone(name, info.unit(), info.direction(), samples.getFirst(), rival, details)
                        : Result.paired(
                                name,
                                info.unit(),
                                info.direction(),
                                samples.getFirst(),
                                rival,
                                samples.getLast(),
                                details));
    }

    private static String largest(final List<Double> values) {
        return String.format(
                Locale.ROOT,
                "%.4f",
                values.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    private static MicroMeasurement ask(final BenchContext context, final Worker worker, final MicroCase.Side side)
            throws BenchmarkException, InterruptedException {
        final List<String> flags = new ArrayList<>(context.forkedJvm().flags());
        flags.addAll(FORK_FLAGS);
        final Duration measured = context.sampleDurationOr(DEFAULT_SAMPLE);
        final MicroJob job = new MicroJob(
                side.type().getName(), side.method(), side.parameters(), flags, WARMUP.toNanos(), measured.toNanos());
        return worker.ask(
                job,
                MicroMeasurement.class,
                measured.plus(WARMUP.multipliedBy(MicroWorker.WARMUP_ITERATIONS))
                        .plus(FORK_OVERHEAD));
    }
}
