package dev.firn.bench.cache;

import dev.firn.bench.fio.Fio;
import dev.firn.bench.fio.FioJob;
import dev.firn.bench.fio.FioRival;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.Worker;
import dev.firn.bench.meter.Measurement;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Hits of the block cache: random reads of 8 KiB of blocks that are all there, found, read by direct I/O and verified, beside fio's random reads
 * of the cache's own file, which are neither found nor verified. And what finding alone costs.
 */
public final class CacheHitBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "cache-hit",
            "random reads of 8 KiB that the block cache answers from its file, at depth 1 and 32; and a lookup in memory",
            "ops/s",
            Direction.HIGHER_IS_BETTER,
            "fio io_uring on the same file; java.util.HashMap");
    private static final List<Integer> DEPTHS = List.of(1, 32);
    private static final int READ_BYTES = 8 << 10;
    private static final int DEFAULT_ROUNDS = 9;
    private static final long DEFAULT_FILE_BYTES = 1L << 30;

    /** The cache needs some slots to be one. */
    private static final long LEAST_FILE_BYTES = 16L << 20;

    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_000);
    private static final Duration WARMUP = Duration.ofMillis(300);
    private static final Duration FILL_LIMIT = Duration.ofMinutes(10);
    private static final int COMPILE_SAMPLES = 2;
    private static final int BATCH = 16;
    private static final String DIRECTORY = "cache-hit";
    private static final String FILE = "blocks";
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        if (DEPTHS.stream().anyMatch(depth -> context.selects(variant(depth)))) {
            reads(context);
        }
        CacheLookup.benchmark().run(context);
    }

    private static String variant(final int depth) {
        return "depth=" + depth;
    }

    private static void reads(final BenchContext context) throws BenchmarkException, InterruptedException {
        final long asked = context.options().fileBytes();
        final long fileBytes = asked == 0 ? DEFAULT_FILE_BYTES : Math.max(LEAST_FILE_BYTES, asked);
        // Its own directory: a cache locks the one that it is in, and so does the suite.
        final Path directory = context.resources().own(context.workDirectory().resolve(DIRECTORY));
        makeAnew(directory);
        final Optional<Fio> fio = Fio.find(System.getenv("PATH"), context.workDirectory(), context.resources());
        try (Worker worker = Worker.start(context, CacheWorker.class, FLAGS)) {
            final Reads reads = new Reads(context, directory, fileBytes, worker);
            context.progress().step(INFO.name() + ": filling the cache, warming up");
            for (int i = 0; i < COMPILE_SAMPLES; i++) {
                reads.ask(DEPTHS.getLast());
            }
            for (final int depth : DEPTHS) {
                if (context.selects(variant(depth))) {
                    reads.measure(depth, fio);
                }
            }
        }
    }

    /** A cache that an earlier run left would be found warm, or refused. */
    private static void makeAnew(final Path directory) throws BenchmarkException {
        try {
            RunResources.delete(directory);
            Files.createDirectory(directory);
        } catch (final IOException e) {
            throw new BenchmarkException("cannot make " + directory + ": " + e.getMessage(), e);
        }
    }

    /** The comparisons of one run, which share file and worker. */
    private static final class Reads {
        private final BenchContext context;
        private final Path directory;
        private final long fileBytes;
        private final Worker worker;
        private final Duration measured;
        private final RandomGenerator seeds = SystemRandom.create();

        Reads(final BenchContext context, final Path directory, final long fileBytes, final Worker worker) {
            this.context = context;
            this.directory = directory;
            this.fileBytes = fileBytes;
            this.worker = worker;
            this.measured = context.sampleDurationOr(DEFAULT_SAMPLE);
        }

        Measurement ask(final int depth) throws BenchmarkException, InterruptedException {
            final CacheReadJob job = new CacheReadJob(
                    directory.toString(),
                    FILE,
                    fileBytes,
                    READ_BYTES,
                    depth,
                    seeds.nextLong(),
                    WARMUP.toNanos(),
                    measured.toNanos());
            return worker.ask(job, Measurement.class, FILL_LIMIT);
        }

        void measure(final int depth, final Optional<Fio> fio) throws BenchmarkException, InterruptedException {
            final String variant = variant(depth);
            final FioRival rival =
                    FioRival.choose(context, fio, variant, "io_uring", fioJob(depth), fioVariants(depth));
            final List<Measurement> measurements = new ArrayList<>();
            final List<Contender> contenders = new ArrayList<>();
            contenders.add(new Contender("Firn", 1, () -> {
                final Measurement measurement = ask(depth);
                measurements.add(measurement);
                return measurement.toSample();
            }));
            if (!rival.missing()) {
                contenders.add(rival.contender());
            }
            final List<List<Sample>> samples =
                    context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
            context.report(rival.result(
                    INFO,
                    context.resultName(variant),
                    samples.getFirst(),
                    rival.missing() ? null : samples.getLast(),
                    measurements.getLast().backend()));
        }

        private FioJob fioJob(final int depth) {
            return new FioJob(
                    directory.resolve(FILE), fileBytes, "randread", READ_BYTES, depth, WARMUP, measured, List.of());
        }
    }

    /** See the ring's benchmark of reads: which is faster depends on the device. */
    private static List<List<String>> fioVariants(final int depth) {
        return depth <= BATCH
                ? List.of(List.of())
                : List.of(
                        List.of(),
                        List.of(
                                "--iodepth_batch_submit=" + BATCH,
                                "--iodepth_batch_complete_min=1",
                                "--iodepth_batch_complete_max=" + depth));
    }
}
