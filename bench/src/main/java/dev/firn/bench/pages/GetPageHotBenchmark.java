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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Pages of the page cache, asked for over IPC by 1, 8 and 64 callers of one client, each of whom waits for its page. The floor is a bare Aeron
 * ping-pong of 8 KiB, threads and callers alike; and the same requests of a stock Postgres, as SQL.
 */
public final class GetPageHotBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "getpage-hot",
            "from asking for a page in memory to having it, over IPC, with 1, 8 and 64 callers; the median",
            "µs",
            Direction.LOWER_IS_BETTER,
            "a bare Aeron ping-pong of 8 KiB; get_raw_page of a stock Postgres");
    private static final List<Integer> CALLERS = List.of(1, 8, 64);
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double NS_A_US = 1e3;
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Path directory = PageDirectories.make(context, INFO.name());
        String missing = null;
        InspectedPages postgres = null;
        try {
            postgres = InspectedPages.start(context, directory, ServedPages.BLOCKS);
        } catch (final BenchmarkException e) {
            missing = e.getMessage();
        }
        try (Worker firn = Worker.start(context, PageWorker.class, FLAGS);
                Worker aeron = Worker.start(context, PageWorker.class, FLAGS)) {
            for (final int callers : CALLERS) {
                if (context.selects("clients=" + callers)) {
                    measure(context, new Sides(directory, firn, aeron, postgres, missing), callers);
                }
            }
        } finally {
            if (postgres != null) {
                postgres.close();
            }
        }
    }

    /**
     * Who is measured.
     *
     * @param postgres null when it is missing.
     */
    private record Sides(Path directory, Worker firn, Worker aeron, InspectedPages postgres, String missing) {}

    private static void measure(final BenchContext context, final Sides sides, final int callers)
            throws BenchmarkException, InterruptedException {
        final String variant = "clients=" + callers;
        final Duration sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        final List<Measurement> measured = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("Firn", 1, () -> {
            measured.add(
                    ask(sides.firn(), new PageJob.Served(sides.directory().toString(), callers, sample.toNanos())));
            return median(measured.getLast());
        }));
        contenders.add(new Contender(
                "Aeron",
                1,
                () -> median(ask(
                        sides.aeron(),
                        new PageJob.PingPong(sides.directory().toString(), callers, sample.toNanos())))));
        final InspectedPages postgres = sides.postgres();
        if (postgres != null) {
            contenders.add(new Contender("Postgres", 1, () -> postgres.measure(callers, sample)));
        }
        final List<List<Sample>> samples = context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
        final Map<String, String> details = Map.of(
                "pagesPerSecond", rates(measured), "backend", measured.getLast().backend());
        context.report(Result.paired(
                context.resultName(variant),
                INFO.unit(),
                INFO.direction(),
                samples.getFirst(),
                "a bare Aeron ping-pong of 8 KiB",
                samples.get(1),
                details));
        final String beside = context.resultName(variant + "/pageinspect");
        context.report(
                postgres == null
                        ? Result.alone(
                                beside, INFO.unit(), INFO.direction(), samples.getFirst(), sides.missing(), details)
                        : Result.paired(
                                beside,
                                INFO.unit(),
                                INFO.direction(),
                                samples.getFirst(),
                                postgres.name(),
                                samples.getLast(),
                                details));
    }

    /** Of each round: both cores are in use by then, the server's and the client's. */
    private static String rates(final List<Measurement> measured) {
        final List<String> rates = new ArrayList<>();
        measured.forEach(
                measurement -> rates.add(String.format(Locale.ROOT, "%.0f", measurement.operationsPerSecond())));
        return String.join(" ", rates);
    }

    private static Measurement ask(final Worker worker, final PageJob job)
            throws BenchmarkException, InterruptedException {
        return worker.ask(job, Measurement.class, LIMIT);
    }

    private static Sample median(final Measurement measurement) {
        final Sample sample = measurement.toSample();
        return new Sample(
                Math.max(1, measurement.p50Ns()) / NS_A_US,
                sample.latency(),
                sample.cpu(),
                sample.allocatedBytesPerOp());
    }
}
