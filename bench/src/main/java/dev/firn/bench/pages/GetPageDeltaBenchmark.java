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
import java.util.Map;

/**
 * A page that is made of so many records of a memory table; beside it, the same image copied and the same records applied, by the redo engine alone.
 * What is between the two is finding and gathering them.
 */
public final class GetPageDeltaBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "getpage-delta",
            "a shard's read of a page of a memory table, with 0 to 256 records to apply; none in the page cache",
            "µs",
            Direction.LOWER_IS_BETTER,
            "the page's image copied and the records applied, by redo alone");
    private static final List<Integer> DELTAS = List.of(0, 1, 8, 64, 256);
    private static final int DEFAULT_ROUNDS = 3;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(500);
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
        double withoutUs = 0;
        try (Worker worker = Worker.start(context, PageWorker.class, FLAGS);
                Worker redo = Worker.start(context, PageWorker.class, FLAGS)) {
            for (final int deltas : DELTAS) {
                final String variant = "deltas=" + deltas;
                if (!context.selects(variant)) {
                    continue;
                }
                final long sampleNs = context.sampleDurationOr(DEFAULT_SAMPLE).toNanos();
                final List<Measurement> measured = new ArrayList<>();
                final List<List<Sample>> samples = context.interleave(
                        variant,
                        context.roundsOr(DEFAULT_ROUNDS),
                        List.of(
                                new Contender("Firn", 1, () -> {
                                    measured.add(worker.ask(
                                            new PageJob.Deltas(directory.toString(), deltas, sampleNs),
                                            Measurement.class,
                                            LIMIT));
                                    return mean(measured.getLast());
                                }),
                                new Contender(
                                        "redo",
                                        1,
                                        () -> mean(redo.ask(
                                                new PageJob.RedoAlone(directory.toString(), deltas, sampleNs),
                                                Measurement.class,
                                                LIMIT)))));
                final Result result = Result.paired(
                        context.resultName(variant),
                        INFO.unit(),
                        INFO.direction(),
                        samples.getFirst(),
                        INFO.rival(),
                        samples.getLast(),
                        Map.of());
                if (deltas == 0) {
                    withoutUs = result.value();
                }
                context.report(result);
                if (deltas > 0 && withoutUs > 0) {
                    context.report(Result.alone(
                            context.resultName(variant + "/each"),
                            "µs a delta",
                            INFO.direction(),
                            List.of(Sample.ofValue(Math.max(1e-3, (result.value() - withoutUs) / deltas))),
                            "none: the difference to a page without deltas, by their number",
                            Map.of()));
                }
            }
        }
    }

    private static Sample mean(final Measurement measurement) {
        final Sample sample = measurement.toSample();
        return new Sample(
                (double) measurement.elapsedNs() / measurement.operations() / NS_A_US,
                sample.latency(),
                sample.cpu(),
                sample.allocatedBytesPerOp());
    }
}
