package dev.firn.bench.storage;

import dev.firn.bench.fio.Fio;
import dev.firn.bench.fio.FioJob;
import dev.firn.bench.fio.FioRival;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.meter.Measurement;
import dev.firn.nativeio.seam.SystemRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Random direct reads of 4 KiB through the ring, at several depths, beside fio's io_uring engine and beside
 * {@link java.nio.channels.FileChannel}, all on the same file.
 */
public final class UringReadBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "uring-read-4k",
            "random direct reads of 4 KiB, fixed buffers, registered file, at depth 1, 32 and 128",
            "ops/s",
            Direction.HIGHER_IS_BETTER,
            "fio io_uring; FileChannel");
    private static final String RIVAL_CHANNEL = "FileChannel, direct, a thread a read";
    private static final List<Integer> DEPTHS = List.of(1, 32, 128);
    private static final int DEFAULT_ROUNDS = 9;
    private static final int CHANNEL_EVERY_ROUNDS = 3;
    private static final long DEFAULT_FILE_BYTES = 1L << 30;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_000);
    private static final Duration WARMUP = Duration.ofMillis(300);
    private static final int COMPILE_SAMPLES = 2;
    private static final int BATCH = 16;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final DataFile file = new DataFile(
                context.workDirectory().resolve("read-4k.data"),
                context.options().fileBytes() == 0
                        ? DEFAULT_FILE_BYTES
                        : context.options().fileBytes());
        if (!context.options().keepFiles()) {
            context.resources().own(file.path());
        }
        file.ensure(context.progress());
        final Optional<Fio> fio = Fio.find(System.getenv("PATH"), context.workDirectory(), context.resources());
        try (JobClient worker = JobClient.start(context)) {
            final Depths depths = new Depths(context, file, worker);
            depths.compile();
            for (final int depth : DEPTHS) {
                if (context.selects("depth=" + depth)) {
                    depths.measure(depth, fio);
                }
            }
        }
    }

    /** The comparisons of one run, which share file and worker. */
    private static final class Depths {
        private final BenchContext context;
        private final DataFile file;
        private final JobClient worker;
        private final Duration measured;
        private final RandomGenerator seeds = SystemRandom.create();
        private String ringBackend = "";

        Depths(final BenchContext context, final DataFile file, final JobClient worker) {
            this.context = context;
            this.file = file;
            this.worker = worker;
            this.measured = context.sampleDurationOr(DEFAULT_SAMPLE);
        }

        /** Lets the worker's compiler see both loops before anything counts. */
        void compile() throws BenchmarkException, InterruptedException {
            context.progress().step(INFO.name() + ": warming up");
            for (int i = 0; i < COMPILE_SAMPLES; i++) {
                worker.run(ringJob(DEPTHS.getLast()));
                worker.run(channelJob(DEPTHS.get(1)));
            }
        }

        void measure(final int depth, final Optional<Fio> fio) throws BenchmarkException, InterruptedException {
            final String variant = "depth=" + depth;
            final FioRival rival =
                    FioRival.choose(context, fio, variant, "io_uring", fioJob(depth), fioVariants(depth));
            final List<Contender> contenders = new ArrayList<>();
            contenders.add(new Contender("Firn", 1, () -> {
                final Measurement measurement = worker.run(ringJob(depth));
                ringBackend = measurement.backend();
                return measurement.toSample();
            }));
            if (!rival.missing()) {
                contenders.add(rival.contender());
            }
            contenders.add(new Contender(
                    RIVAL_CHANNEL,
                    CHANNEL_EVERY_ROUNDS,
                    () -> worker.run(channelJob(depth)).toSample()));
            final List<List<Sample>> samples =
                    context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
            context.report(rival.result(
                    INFO,
                    context.resultName(variant),
                    samples.getFirst(),
                    rival.missing() ? null : samples.get(1),
                    ringBackend));
            context.report(Result.paired(
                    context.resultName(variant + "/filechannel"),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    RIVAL_CHANNEL,
                    samples.getLast(),
                    Map.of("backend", ringBackend)));
        }

        private Job ringJob(final int depth) {
            return new Job.RingRead(
                    context.workDirectory().toString(),
                    file.path().getFileName().toString(),
                    depth,
                    seeds.nextLong(),
                    WARMUP.toNanos(),
                    measured.toNanos());
        }

        private Job channelJob(final int depth) {
            return new Job.ChannelRead(
                    context.workDirectory().toString(),
                    file.path().getFileName().toString(),
                    depth,
                    seeds.nextLong(),
                    WARMUP.toNanos(),
                    measured.toNanos());
        }

        private FioJob fioJob(final int depth) {
            return new FioJob(
                    file.path(),
                    file.lengthBytes(),
                    "randread",
                    DataFile.BLOCK_BYTES,
                    depth,
                    WARMUP,
                    measured,
                    List.of());
        }
    }

    /** fio submits one by one by itself; in batches it makes fewer system calls. Which is faster depends on the device. */
    private static List<List<String>> fioVariants(final int depth) {
        if (depth <= BATCH) {
            return List.of(List.of());
        }
        return List.of(
                List.of(),
                List.of(
                        "--iodepth_batch_submit=" + BATCH,
                        "--iodepth_batch_complete_min=1",
                        "--iodepth_batch_complete_max=" + depth));
    }
}
