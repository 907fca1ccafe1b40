package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.PairedRatios;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.harness.WarmUp;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * pgbench on a Postgres whose commits wait for Firn's quorum of three, in processes of its own and in one, beside the same Postgres
 * whose commits wait for one of two stock standbys, and one whose commits wait for nobody: the ceiling. All on the same disk, in turns.
 *
 * <p>Postgres 15 by default; 17 when it is named, as in {@code wal-commit/17}.
 */
public final class WalCommitBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "wal-commit",
            "pgbench's transactions, tpcb-like and of one insert, by 1, 4, 16 and 64 clients, whose commits wait for Firn's quorum"
                    + " of three (Postgres 15; wal-commit/17 for 17)",
            "tps",
            Direction.HIGHER_IS_BETTER,
            "two stock standbys, ANY 1; Postgres alone");
    private static final int DEFAULT_MAJOR = 15;
    private static final List<Integer> MAJORS = List.of(DEFAULT_MAJOR, 17);
    private static final List<Integer> CLIENTS = List.of(1, 4, 16, 64);
    private static final int DEFAULT_ROUNDS = 5;
    private static final Duration DEFAULT_SAMPLE = Duration.ofSeconds(4);
    private static final int WARM_UP_CLIENTS = 16;

    /** A turn of warming up has so many samples' time, and no more than this. */
    private static final int WARM_UP_SAMPLES = 3;

    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(10);
    private static final int MOST_WARM_UPS = 15;

    /** As many as the most clients, as pgbench's manual advises: with fewer, clients wait for each other's rows. */
    private static final int DEFAULT_BRANCHES = 64;

    /** What a branch's accounts take, with their index. */
    private static final long BYTES_A_BRANCH = 15L << 20;

    private static final String IN_PROCESS = "/in-process";
    private static final String ALONE = "/alone";

    private final Map<String, CommitSideStarter> firn;
    private final Clock clock;

    /** Starts one side on copies of a cluster. */
    @FunctionalInterface
    interface CommitSideStarter {
        CommitSide start(CommitCluster cluster) throws BenchmarkException, InterruptedException;
    }

    /** With Firn as {@code firn up} and {@code firn attach} start it. */
    public WalCommitBenchmark() {
        this(
                new TreeMap<>(Map.of("", FirnQuorum::start, IN_PROCESS, FirnQuorum::startInProcess)),
                SystemClock.INSTANCE);
    }

    /** @param firn what is measured, by what is added to the names of its results: first the one that adds nothing. */
    WalCommitBenchmark(final SortedMap<String, CommitSideStarter> firn, final Clock clock) {
        this.firn = new TreeMap<>(firn);
        this.clock = clock;
    }

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        for (final int major : MAJORS) {
            final List<Variant> chosen = chosen(context, major);
            if (!chosen.isEmpty()) {
                run(context, major, chosen);
            }
        }
    }

    private record Variant(int major, CommitLoad load, int clients) {
        String name() {
            return major + "/" + load.variant() + "/c=" + clients;
        }
    }

    private static List<Variant> chosen(final BenchContext context, final int major) {
        final List<Variant> chosen = new ArrayList<>();
        for (final CommitLoad load : CommitLoad.values()) {
            for (final int clients : CLIENTS) {
                final Variant variant = new Variant(major, load, clients);
                if (major == DEFAULT_MAJOR ? context.selects(variant.name()) : context.names(variant.name())) {
                    chosen.add(variant);
                }
            }
        }
        return chosen;
    }

    private static List<CommitLoad> loads(final List<Variant> variants) {
        return variants.stream().map(Variant::load).distinct().toList();
    }

    private void run(final BenchContext context, final int major, final List<Variant> variants)
            throws BenchmarkException, InterruptedException {
        final PostgresBinaries binaries = binaries(context, major);
        final PgBench pgBench = PgBench.find(binaries, System.getenv("PATH"));
        final int branches = branches(context.options().fileBytes());
        context.progress().step(context.resultName(major + ": making a cluster of " + branches + " branches"));
        final CommitCluster cluster = CommitCluster.make(
                context, binaries, pgBench, branches, context.workDirectory().resolve("wal-commit-" + major), clock);
        context.progress().step(context.resultName(major + ": starting Firn's quorum, standbys, and Postgres alone"));
        try (cluster) {
            final List<CommitSide> sides = new ArrayList<>();
            for (final CommitSideStarter starter : firn.values()) {
                sides.add(starter.start(cluster));
            }
            sides.add(StandbyQuorum.start(cluster));
            sides.add(LonePostgres.start(cluster));
            for (final CommitSide side : sides) {
                warmUp(context, pgBench, side, loads(variants));
            }
            for (final Variant variant : variants) {
                cluster.settle();
                measure(context, pgBench, sides, variant, branches);
            }
        }
    }

    /** Brings pages into memory too. Load that waits for its disk and not for its processors is compiled late. */
    private static void warmUp(
            final BenchContext context, final PgBench pgBench, final CommitSide side, final List<CommitLoad> loads)
            throws BenchmarkException, InterruptedException {
        final Duration turn = context.sampleDurationOr(DEFAULT_SAMPLE).multipliedBy(WARM_UP_SAMPLES);
        final long seconds = PgBench.seconds(turn.compareTo(LONGEST_WARM_UP) < 0 ? turn : LONGEST_WARM_UP);
        new WarmUp(context.progress(), Duration.ofSeconds(seconds * loads.size() * MOST_WARM_UPS))
                .run(context.resultName(side.name()), side.processes(), () -> {
                    for (final CommitLoad load : loads) {
                        pgBench.measure(side.primary(), load, WARM_UP_CLIENTS, seconds);
                    }
                    return Duration.ofSeconds(seconds * loads.size());
                });
        side.requireIntact();
    }

    private static PostgresBinaries binaries(final BenchContext context, final int major) throws BenchmarkException {
        try {
            return BinariesFinder.ofThisMachine(line -> context.progress().line(line))
                    .find(major);
        } catch (final ComputeException e) {
            throw new BenchmarkException(e.getMessage(), e);
        }
    }

    private static int branches(final long fileBytes) {
        return fileBytes == 0 ? DEFAULT_BRANCHES : Math.toIntExact(Math.max(1, fileBytes / BYTES_A_BRANCH));
    }

    private void measure(
            final BenchContext context,
            final PgBench pgBench,
            final List<CommitSide> sides,
            final Variant variant,
            final int branches)
            throws BenchmarkException, InterruptedException {
        final long seconds = PgBench.seconds(context.sampleDurationOr(DEFAULT_SAMPLE));
        final Map<CommitSide, List<Double>> meansUs = new IdentityHashMap<>();
        final List<Contender> contenders = new ArrayList<>();
        for (final CommitSide side : sides) {
            contenders.add(new Contender(side.name(), 1, () -> {
                final PgBenchRun run = pgBench.measure(side.primary(), variant.load(), variant.clients(), seconds);
                side.requireIntact();
                meansUs.computeIfAbsent(side, its -> new ArrayList<>()).add(run.meanUs());
                return run.toSample();
            }));
        }
        final List<List<Sample>> samples =
                context.interleave(variant.name(), context.roundsOr(DEFAULT_ROUNDS), contenders);
        final Measured measured = new Measured(
                sides, samples, meansUs, "scale " + branches + ", " + seconds + " s a round, prepared statements");
        final int standbys = sides.size() - 2;
        final int alone = sides.size() - 1;
        int side = 0;
        for (final String suffix : firn.keySet()) {
            context.report(measured.pair(context.resultName(variant.name() + suffix), side, standbys));
            side++;
        }
        context.report(measured.pair(context.resultName(variant.name() + ALONE), 0, alone));
    }

    /** What all sides have done in the rounds of one variant. */
    private record Measured(
            List<CommitSide> sides,
            List<List<Sample>> samples,
            Map<CommitSide, List<Double>> meansUs,
            String pgBenchSettings) {
        Result pair(final String name, final int side, final int rival) {
            return Result.paired(
                    name,
                    INFO.unit(),
                    INFO.direction(),
                    samples.get(side),
                    sides.get(rival).name(),
                    samples.get(rival),
                    Map.of(
                            "meanLatency",
                            describe(sides.get(side), meansUs) + "; " + describe(sides.get(rival), meansUs),
                            "pgbench",
                            pgBenchSettings));
        }
    }

    private static String describe(final CommitSide side, final Map<CommitSide, List<Double>> meansUs) {
        return String.format(Locale.ROOT, "%s: %.0f µs", side.name(), PairedRatios.median(meansUs.get(side)));
    }
}
