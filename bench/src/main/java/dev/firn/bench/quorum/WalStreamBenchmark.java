package dev.firn.bench.quorum;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import dev.firn.walquorum.log.LogConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * How much WAL goes through a quorum of three nodes on one disk, beside what the disk takes when three plain files are written
 * durably at once: with the same blocks, and as many of them on the way.
 */
public final class WalStreamBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "wal-stream",
            "WAL through a quorum of three nodes on one disk, over IPC",
            "MB/s",
            Direction.HIGHER_IS_BETTER,
            "three plain files written durably at once, with the same blocks");
    private static final String VARIANT = "three-nodes";
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(2);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int WARMUPS = 2;
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        if (!context.selects(VARIANT)) {
            return;
        }
        final Path directory = context.resources().own(context.workDirectory().resolve("wal-stream"));
        final Duration sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        final LogConfig log = LogConfig.DEFAULT;
        final QuorumJob firn = new QuorumJob.Stream(directory.toString(), sample.toNanos());
        final QuorumJob plain = new QuorumJob.PlainStream(
                directory.toString(), log.frameBytes(), log.writesInFlight(), sample.toNanos());
        try (Worker worker = Worker.start(context, QuorumWorker.class, FLAGS)) {
            context.progress().step(INFO.name() + ": warming up");
            StreamAnswer last = null;
            for (int i = 0; i < WARMUPS; i++) {
                last = ask(worker, firn, sample);
                ask(worker, plain, sample);
            }
            final List<Long> behindBytes = new ArrayList<>();
            final List<List<Sample>> samples = context.interleave(
                    VARIANT,
                    context.roundsOr(DEFAULT_ROUNDS),
                    List.of(
                            new Contender("Firn", 1, () -> {
                                final StreamAnswer answer = ask(worker, firn, sample);
                                behindBytes.add(answer.behindBytes());
                                return sample(answer);
                            }),
                            new Contender("plain files", 1, () -> sample(ask(worker, plain, sample)))));
            context.report(Result.paired(
                    context.resultName(VARIANT),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    "three plain files at once",
                    samples.getLast(),
                    Map.of(
                            "backend",
                            last.backend(),
                            "blocks",
                            (log.frameBytes() >> 10) + " KiB at most, " + log.writesInFlight()
                                    + " on the way to each file",
                            "slowestNode",
                            "behind a majority by " + (Collections.max(behindBytes) >> 20)
                                    + " MiB at most at a round's end")));
        }
    }

    private static StreamAnswer ask(final Worker worker, final QuorumJob job, final Duration sample)
            throws BenchmarkException, InterruptedException {
        return worker.ask(job, StreamAnswer.class, sample.plus(START_LIMIT));
    }

    private static Sample sample(final StreamAnswer answer) {
        return new Sample(answer.megabytesPerSecond(), null, null, (double) answer.allocatedBytes() / answer.pieces());
    }
}
