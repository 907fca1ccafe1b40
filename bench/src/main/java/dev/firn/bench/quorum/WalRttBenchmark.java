package dev.firn.bench.quorum;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long an append takes until a majority of three WAL nodes has it on disk, over IPC; beside it, in turns with it, the same
 * blocks written durably to three plain files at once, until two of them have it. What is between the two is what Firn
 * adds to the disk.
 */
public final class WalRttBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "wal-rtt",
            "from an append to its being on the disks of a majority of three WAL nodes, over IPC, and what of it is not the disk",
            "µs",
            Direction.LOWER_IS_BETTER,
            "the same blocks written durably to three plain files, two of them done; 50 µs on top of that");

    private record Variant(String name, int bytes) {}

    private static final List<Variant> VARIANTS =
            List.of(new Variant("512b", 512), new Variant("8k", 8 << 10), new Variant("64k", 64 << 10));
    private static final double GOAL_US = 50;
    private static final double LEAST_US = 0.1;

    /** Until all is compiled: native calls allocate before that. */
    private static final int WARMUPS = 3;

    private static final double NS_A_US = 1e3;
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(2);
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    /** The first one makes the quorum and its files. */
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final Path directory = context.resources().own(context.workDirectory().resolve("wal-rtt"));
        try (Worker worker = Worker.start(context, QuorumWorker.class, FLAGS)) {
            context.progress().step(INFO.name() + ": warming up");
            for (int i = 0; i < WARMUPS; i++) {
                ask(worker, context, directory, VARIANTS.getFirst());
            }
            for (final Variant variant : VARIANTS) {
                if (context.selects(variant.name())) {
                    measure(context, worker, directory, variant);
                }
            }
        }
    }

    private static void measure(
            final BenchContext context, final Worker worker, final Path directory, final Variant variant)
            throws BenchmarkException, InterruptedException {
        ask(worker, context, directory, variant);
        final int rounds = context.roundsOr(DEFAULT_ROUNDS);
        final List<RoundTripAnswer> answers = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            context.progress().step(context.resultName(variant.name()) + ": round " + (round + 1) + " of " + rounds);
            answers.add(ask(worker, context, directory, variant));
        }
        final RoundTripAnswer last = answers.getLast();
        final Map<String, String> details = Map.of(
                "backend", last.backend(),
                "quorum", last.quorum().toString(),
                "flushOfThreeFiles", last.flush().toString(),
                "flushOfOneFile", last.oneFlush().toString());
        context.report(Result.paired(
                context.resultName(variant.name()),
                INFO.unit(),
                INFO.direction(),
                answers.stream().map(WalRttBenchmark::quorum).toList(),
                "three plain files, two done",
                answers.stream().map(WalRttBenchmark::flush).toList(),
                details));
        context.report(Result.paired(
                context.resultName(variant.name() + "/overhead"),
                INFO.unit(),
                INFO.direction(),
                answers.stream().map(WalRttBenchmark::overhead).toList(),
                "the goal",
                answers.stream().map(answer -> Sample.ofValue(GOAL_US)).toList(),
                details));
    }

    private static RoundTripAnswer ask(
            final Worker worker, final BenchContext context, final Path directory, final Variant variant)
            throws BenchmarkException, InterruptedException {
        final Duration sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        return worker.ask(
                new QuorumJob.RoundTrips(directory.toString(), variant.bytes(), sample.toNanos()),
                RoundTripAnswer.class,
                sample.plus(START_LIMIT));
    }

    private static Sample quorum(final RoundTripAnswer answer) {
        return new Sample(
                answer.quorum().p50Ns() / NS_A_US,
                latency(answer.quorum()),
                null,
                (double) answer.allocatedBytes() / answer.appends());
    }

    private static Sample flush(final RoundTripAnswer answer) {
        return new Sample(answer.flush().p50Ns() / NS_A_US, latency(answer.flush()), null, null);
    }

    /** Medians may cross by chance; a sample has to be positive. */
    private static Sample overhead(final RoundTripAnswer answer) {
        return Sample.ofValue(
                Math.max(LEAST_US, (answer.quorum().p50Ns() - answer.flush().p50Ns()) / NS_A_US));
    }

    private static Sample.Latency latency(final Percentiles percentiles) {
        return new Sample.Latency(percentiles.p50Ns() / NS_A_US, percentiles.p99Ns() / NS_A_US);
    }
}
