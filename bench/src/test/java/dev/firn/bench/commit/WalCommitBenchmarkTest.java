package dev.firn.bench.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.firn.bench.OnDisk;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.nativeio.seam.SystemClock;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rivals and the method, with a second pair of standbys in Firn's place: what {@code firn up} brings is not in this module. */
final class WalCommitBenchmarkTest {
    private static final long MIB = 1 << 20;

    @TempDir(factory = OnDisk.class)
    private Path directory;

    private final List<Result> results = new ArrayList<>();

    @Test
    void shouldMeasureCommitsThatWaitBesideThoseThatDoNot() throws Exception {
        assumeThat(pgBenchIsHere()).as("pgbench is on this host").isTrue();

        run(cluster -> StandbyQuorum.start(cluster, "other"), "wal-commit/15/insert/c=4");

        assertThat(results)
                .extracting(Result::name)
                .containsExactly("wal-commit/15/insert/c=4", "wal-commit/15/insert/c=4/alone");
        for (final Result result : results) {
            assertThat(result.value()).isPositive();
            assertThat(result.ratio()).isPositive();
            assertThat(result.latency().p99Us())
                    .isGreaterThanOrEqualTo(result.latency().p50Us());
            assertThat(result.rivalLatency().p50Us()).isPositive();
            assertThat(result.details().get("meanLatency")).contains("ANY 1 (a, b)");
        }
        assertThat(results.getLast().rival()).contains("synchronous_commit = local");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldFailAndLeaveNothingWhenASideLosesItsFollower() throws Exception {
        assumeThat(pgBenchIsHere()).as("pgbench is on this host").isTrue();

        assertThatThrownBy(() -> run(FollowerLost::start, "wal-commit/15/insert/c=1"))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("[nobody]");

        assertThat(results).isEmpty();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldSayHowToGetPgBench() {
        assumeThat(BinariesFinder.ofThisMachine(line -> {}).find(17).has("pgbench"))
                .as("the binaries of 17 bring pgbench")
                .isFalse();

        assertThatThrownBy(() ->
                        PgBench.find(BinariesFinder.ofThisMachine(line -> {}).find(17), "/nowhere"))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("apt-get install postgresql-17");
    }

    /** A Postgres whose commits wait for nobody, although somebody is expected. */
    private record FollowerLost(CommitSide alone, Followers nobody) implements CommitSide {
        static CommitSide start(final CommitCluster cluster) throws BenchmarkException {
            final CommitSide alone = LonePostgres.start(cluster, "lost");
            return new FollowerLost(alone, new Followers(alone.primary(), Set.of("nobody"), SystemClock.INSTANCE));
        }

        @Override
        public String name() {
            return "lost";
        }

        @Override
        public PostgresServer primary() {
            return alone.primary();
        }

        @Override
        public void requireIntact() throws BenchmarkException {
            nobody.requireAll();
        }
    }

    private void run(final WalCommitBenchmark.CommitSideStarter firn, final String name) throws Exception {
        // The servers run as a user who has to get there.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        final WalCommitBenchmark benchmark =
                new WalCommitBenchmark(new TreeMap<>(Map.of("", firn)), SystemClock.INSTANCE);
        final BenchOptions options = BenchOptions.defaults(directory)
                .withNames(List.of(name))
                .withRounds(1)
                .withSampleDuration(Duration.ofSeconds(1))
                .withFileBytes(15 * MIB);
        final Progress progress =
                new Progress(new PrintStream(OutputStream.nullOutputStream()), false, SystemClock.INSTANCE);
        try (RunResources resources = new RunResources()) {
            benchmark.run(new BenchContext(
                    options,
                    benchmark.info(),
                    ForkedJvm.ofProject(ForkedJvm.findRoot()),
                    resources,
                    progress,
                    results::add));
        }
    }

    private static boolean pgBenchIsHere() {
        try {
            PgBench.find(BinariesFinder.ofThisMachine(line -> {}).find(15), System.getenv("PATH"));
            return true;
        } catch (final BenchmarkException e) {
            return false;
        }
    }
}
