package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Rivals;
import dev.firn.bench.harness.WarmUp;
import dev.firn.bench.harness.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The two processes of a run over the tables, and the files that they write. */
final class LakeSides implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration DEFAULT_SAMPLE = Duration.ofMillis(1_000);

    /** A side warms up in turns of so many samples' time, for as many at most. */
    private static final int WARM_UP_SAMPLES = 3;

    private static final int MOST_WARM_UP_SAMPLES = 60;
    private static final List<String> FIRN_FLAGS = List.of("-Xms512m", "-Xmx512m");

    /** What they would run with anywhere: the JDK's default collector, and memory in plenty. */
    private static final List<String> RIVAL_FLAGS = List.of("-XX:-UseZGC", "-XX:+UseG1GC", "-Xms2g", "-Xmx2g");

    private final BenchContext context;
    private final LakeCorpus corpus;
    private final Path folder;
    private final Path rivalFile;
    private final Worker firn;
    private final Worker rivals;
    private final WarmUp warmUp;
    private final Duration sample;
    private final Duration turn;

    private LakeSides(final BenchContext context, final LakeCorpus corpus, final Worker firn, final Worker rivals) {
        this.context = context;
        this.corpus = corpus;
        folder = context.resources().own(context.workDirectory().resolve("lake-files"));
        rivalFile = context.resources().own(context.workDirectory().resolve("lake-rival.parquet"));
        this.firn = firn;
        this.rivals = rivals;
        sample = context.sampleDurationOr(DEFAULT_SAMPLE);
        warmUp = new WarmUp(context.progress(), sample.multipliedBy(MOST_WARM_UP_SAMPLES));
        turn = sample.multipliedBy(WARM_UP_SAMPLES);
    }

    static LakeSides start(final BenchContext context, final LakeCorpus corpus) throws BenchmarkException {
        final Worker firn = Worker.start(context, LakeWorker.class, FIRN_FLAGS);
        boolean done = false;
        try {
            final Worker rivals = Worker.start(context, RivalWorker.class, RIVAL_FLAGS, Rivals.classPath());
            done = true;
            return new LakeSides(context, corpus, firn, rivals);
        } finally {
            if (!done) {
                firn.close();
            }
        }
    }

    /** How long a side is measured at a time. */
    Duration sample() {
        return sample;
    }

    /** Has Firn transcode a table until that is compiled, and leaves the files. */
    void warmUpTranscoding(final LakeTable table) throws BenchmarkException, InterruptedException {
        warmUp.run(
                name(table, "Firn"),
                Set.of(firn.pid()),
                () -> transcode(table, turn).elapsed());
    }

    /** Has Firn rebuild what it has transcoded until that is compiled. */
    void warmUpRebuilding(final LakeTable table) throws BenchmarkException, InterruptedException {
        warmUp.run(
                name(table, "Firn"),
                Set.of(firn.pid()),
                () -> rebuild(table, turn).elapsed());
    }

    /** Has a rival write until that is compiled. */
    void warmUp(final LakeTable table, final RivalJob.Side side) throws BenchmarkException, InterruptedException {
        warmUp.run(
                name(table, side.name()),
                Set.of(rivals.pid()),
                () -> write(table, side, turn).elapsed());
    }

    LakeMeasurement transcode(final LakeTable table, final Duration measured)
            throws BenchmarkException, InterruptedException {
        return firn.ask(
                new LakeJob.Transcode(corpus, table, folder.toString(), measured.toNanos()),
                LakeMeasurement.class,
                LIMIT.plus(measured));
    }

    LakeMeasurement rebuild(final LakeTable table, final Duration measured)
            throws BenchmarkException, InterruptedException {
        return firn.ask(
                new LakeJob.Rebuild(corpus, table, folder.toString(), measured.toNanos()),
                LakeMeasurement.class,
                LIMIT.plus(measured));
    }

    LakeMeasurement write(final LakeTable table, final RivalJob.Side side, final Duration measured)
            throws BenchmarkException, InterruptedException {
        return rivals.ask(
                new RivalJob.Write(table, corpus.facts(table), side, rivalFile.toString(), measured.toNanos()),
                LakeMeasurement.class,
                LIMIT.plus(measured));
    }

    /** Compares the rows of the last {@link #transcode} with the rivals'. */
    FileSizes compare(final LakeTable table) throws BenchmarkException, InterruptedException {
        return rivals.ask(new RivalJob.Compare(table, corpus.facts(table), folder.toString()), FileSizes.class, LIMIT);
    }

    private String name(final LakeTable table, final String side) {
        return context.resultName(table.variant()) + ", " + side;
    }

    static String megabytes(final long bytes) {
        return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
    }

    static String percent(final long part, final long whole) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
    }

    @Override
    public void close() {
        firn.close();
        rivals.close();
    }
}
