package dev.firn.bench.localstore;

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
import dev.firn.bench.storage.DataFile;
import dev.firn.bench.transfer.TransferJob;
import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The directory store: one large object streamed into it, beside {@code cp} and {@code sync} of the same file, and small objects created
 * where there was none, beside the same by {@code java.nio}. All is durable when it is counted.
 */
public final class LocalStoreBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "local-store",
            "1 GiB streamed into the directory store, and objects of 4 KiB created there, 1 and 16 in flight; all durable",
            "MB/s and ops/s",
            Direction.HIGHER_IS_BETTER,
            "cp and sync; java.nio write, fsync, link, fsync of the directory");
    private static final String PUT = "put";
    private static final List<Integer> IN_FLIGHT = List.of(1, 16);
    private static final int OBJECT_BYTES = 4 << 10;
    private static final long STREAM_BYTES = 1L << 30;
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_500);
    private static final Duration WARMUP = Duration.ofMillis(500);
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m");
    private static final double BYTES_A_MB = 1e6;
    private static final double NS_A_SECOND = 1e9;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        try (Worker worker = Worker.start(context, LocalWorker.class, FLAGS)) {
            if (context.selects(PUT)) {
                put(context, worker);
            }
            for (final int inFlight : IN_FLIGHT) {
                if (context.selects(variant(inFlight))) {
                    create(context, worker, inFlight);
                }
            }
        }
    }

    private static String variant(final int inFlight) {
        return "create/in-flight=" + inFlight;
    }

    private static void put(final BenchContext context, final Worker worker)
            throws BenchmarkException, InterruptedException {
        final long asked = context.options().fileBytes();
        final DataFile source = new DataFile(
                context.workDirectory().resolve("stream.data"),
                asked == 0 ? STREAM_BYTES : Math.min(STREAM_BYTES, asked));
        if (!context.options().keepFiles()) {
            context.resources().own(source.path());
        }
        // Written, or read in part, a moment ago: both sides find it in the page cache, after the warm-up has read it
        // in full.
        source.ensure(context.progress());
        final Path directory = place(context, "stream.store");
        final Path copy = place(context, "stream.copy");
        final Optional<CopyRival> rival =
                CopyRival.find(System.getenv("PATH"), context.resources(), SystemClock.INSTANCE);
        context.progress().step(context.resultName(PUT) + ": warming up");
        ask(worker, new LocalJob.Stream(directory.toString(), source.path().toString(), true));
        final List<Measurement> measured = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("Firn", 1, () -> {
            final Measurement measurement = ask(
                    worker,
                    new LocalJob.Stream(directory.toString(), source.path().toString(), false));
            measured.add(measurement);
            return rate(source, measurement.elapsedNs());
        }));
        rival.ifPresent(found ->
                contenders.add(new Contender(CopyRival.NAME, 1, () -> rate(source, found.run(source.path(), copy)))));
        final List<List<Sample>> samples = context.interleave(PUT, context.roundsOr(DEFAULT_ROUNDS), contenders);
        report(
                context,
                PUT,
                "MB/s",
                samples,
                rival.isPresent() ? CopyRival.NAME : CopyRival.MISSING,
                measured.getLast());
    }

    private static Sample rate(final DataFile source, final long elapsedNs) {
        return Sample.ofValue(source.lengthBytes() / BYTES_A_MB / (elapsedNs / NS_A_SECOND));
    }

    private static void create(final BenchContext context, final Worker worker, final int inFlight)
            throws BenchmarkException, InterruptedException {
        final String variant = variant(inFlight);
        final TransferJob ours = job(context, inFlight, place(context, "create.store"));
        final TransferJob theirs = job(context, inFlight, place(context, "create.files"));
        context.progress().step(context.resultName(variant) + ": warming up");
        ask(worker, new LocalJob.Create(ours));
        ask(worker, new LocalJob.Link(theirs));
        final List<Measurement> measured = new ArrayList<>();
        final List<Measurement> rival = new ArrayList<>();
        final List<List<Sample>> samples = context.interleave(
                variant,
                context.roundsOr(DEFAULT_ROUNDS),
                List.of(
                        new Contender("Firn", 1, () -> kept(measured, ask(worker, new LocalJob.Create(ours)))),
                        new Contender("java.nio", 1, () -> kept(rival, ask(worker, new LocalJob.Link(theirs))))));
        report(context, variant, "ops/s", samples, rival.getLast().backend(), measured.getLast());
    }

    private static Sample kept(final List<Measurement> all, final Measurement measurement) {
        all.add(measurement);
        return measurement.toSample();
    }

    private static TransferJob job(final BenchContext context, final int inFlight, final Path place) {
        return new TransferJob(
                TransferJob.Kind.CREATE,
                place.toString(),
                OBJECT_BYTES,
                OBJECT_BYTES,
                inFlight,
                1,
                WARMUP.toNanos(),
                context.sampleDurationOr(DEFAULT_SAMPLE).toNanos());
    }

    private static Path place(final BenchContext context, final String name) {
        return context.resources().own(context.workDirectory().resolve(name));
    }

    private static Measurement ask(final Worker worker, final LocalJob job)
            throws BenchmarkException, InterruptedException {
        return worker.ask(job, Measurement.class, LIMIT);
    }

    private static void report(
            final BenchContext context,
            final String variant,
            final String unit,
            final List<List<Sample>> samples,
            final String rival,
            final Measurement last) {
        final Map<String, String> details = Map.of("backend", last.backend());
        final String name = context.resultName(variant);
        context.report(
                samples.size() == 1
                        ? Result.alone(name, unit, INFO.direction(), samples.getFirst(), rival, details)
                        : Result.paired(
                                name, unit, INFO.direction(), samples.getFirst(), rival, samples.getLast(), details));
    }
}
