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
import dev.firn.bench.harness.Sample;
import dev.firn.bench.meter.Measurement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Appends to a file that has its space, each made durable before the next: what a WAL node does at one commit at a time.
 * fio does it in two ways: as we do, with O_DSYNC, where the kernel writes and flushes in one operation; and with a sync
 * after each write.
 *
 * <p>The file is written once before, on purpose: the first write to space that was only reserved changes the file's
 * metadata, and its flush commits the file system's journal too. Both sides would pay that for the first lap only, so that
 * laps would not compare.
 */
public final class AppendFlushBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "uring-append-flush",
            "direct appends of 8 KiB and 64 KiB, each a durable write, one at a time",
            "ops/s",
            Direction.HIGHER_IS_BETTER,
            "fio io_uring, with O_DSYNC, and with a sync after each write");
    private static final Map<String, Integer> BLOCK_BYTES_BY_VARIANT = Map.of("8k", 8 << 10, "64k", 64 << 10);
    private static final List<String> VARIANTS = List.of("8k", "64k");
    private static final int DEFAULT_ROUNDS = 7;
    private static final long FILE_BYTES = 256L << 20;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_000);
    private static final Duration WARMUP = Duration.ofMillis(300);
    private static final int COMPILE_SAMPLES = 2;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final long fileBytes = context.options().fileBytes();
        final DataFile file = new DataFile(
                context.workDirectory().resolve("append.data"),
                fileBytes == 0 ? FILE_BYTES : Math.min(FILE_BYTES, fileBytes));
        // Appending spoils the content: never of use to a later run.
        context.resources().own(file.path());
        file.ensure(context.progress());
        final Optional<Fio> fio = Fio.find(System.getenv("PATH"), context.workDirectory(), context.resources());
        try (JobClient worker = JobClient.start(context)) {
            context.progress().step(INFO.name() + ": warming up");
            for (int i = 0; i < COMPILE_SAMPLES; i++) {
                worker.run(ringJob(context, file, BLOCK_BYTES_BY_VARIANT.get(VARIANTS.getFirst())));
            }
            for (final String variant : VARIANTS) {
                if (context.selects(variant)) {
                    measure(context, file, worker, variant, fio);
                }
            }
        }
    }

    private static void measure(
            final BenchContext context,
            final DataFile file,
            final JobClient worker,
            final String variant,
            final Optional<Fio> fio)
            throws BenchmarkException, InterruptedException {
        final int blockBytes = BLOCK_BYTES_BY_VARIANT.get(variant);
        final FioRival same = FioRival.choose(
                context,
                fio,
                variant,
                "io_uring, O_DSYNC",
                fioJob(context, file, blockBytes),
                List.of(List.of("--overwrite=1", "--sync=dsync")));
        final FioRival apart = FioRival.choose(
                context,
                fio,
                variant,
                "io_uring, write and fdatasync",
                fioJob(context, file, blockBytes),
                List.of(List.of("--overwrite=1", "--fdatasync=1")));
        final List<FioRival> present =
                Stream.of(same, apart).filter(rival -> !rival.missing()).toList();
        final List<String> backends = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("Firn", 1, () -> {
            final Measurement measurement = worker.run(ringJob(context, file, blockBytes));
            backends.add(measurement.backend());
            return measurement.toSample();
        }));
        present.forEach(rival -> contenders.add(rival.contender()));
        final List<List<Sample>> samples = context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
        for (final FioRival rival : List.of(same, apart)) {
            context.report(rival.result(
                    INFO,
                    context.resultName(rival == same ? variant : variant + "/fdatasync"),
                    samples.getFirst(),
                    rival.missing() ? null : samples.get(1 + present.indexOf(rival)),
                    backends.getLast()));
        }
    }

    private static Job ringJob(final BenchContext context, final DataFile file, final int blockBytes) {
        return new Job.RingAppend(
                context.workDirectory().toString(),
                file.path().getFileName().toString(),
                blockBytes,
                WARMUP.toNanos(),
                context.sampleDurationOr(DEFAULT_SAMPLE).toNanos());
    }

    private static FioJob fioJob(final BenchContext context, final DataFile file, final int blockBytes) {
        return new FioJob(
                file.path(),
                file.lengthBytes(),
                "write",
                blockBytes,
                1,
                WARMUP,
                context.sampleDurationOr(DEFAULT_SAMPLE),
                List.of());
    }
}
