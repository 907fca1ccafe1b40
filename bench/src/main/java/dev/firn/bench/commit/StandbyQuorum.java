package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.compute.instance.PostgresServer;
import java.time.Duration;
import java.util.Set;

/** A Postgres whose commits wait for one of two stock standbys, which stream from it: what one does today. */
final class StandbyQuorum implements CommitSide {
    private static final String FIRST = "a";
    private static final String SECOND = "b";
    private static final Duration STREAMING_LIMIT = Duration.ofSeconds(60);

    private final PostgresServer primary;
    private final Followers standbys;

    private StandbyQuorum(final PostgresServer primary, final Followers standbys) {
        this.primary = primary;
        this.standbys = standbys;
    }

    static StandbyQuorum start(final CommitCluster cluster) throws BenchmarkException {
        return start(cluster, "standbys");
    }

    /** @param name what the names of its directories begin with. */
    static StandbyQuorum start(final CommitCluster cluster, final String name) throws BenchmarkException {
        final PostgresServer primary = cluster.start(
                name + "-primary",
                config -> config.with("synchronous_standby_names", "ANY 1 (" + FIRST + ", " + SECOND + ")"));
        for (final String standby : Set.of(FIRST, SECOND)) {
            cluster.startStandby(name + "-" + standby, standby, primary);
        }
        final Followers standbys = new Followers(primary, Set.of(FIRST, SECOND), cluster.clock());
        standbys.await(STREAMING_LIMIT);
        return new StandbyQuorum(primary, standbys);
    }

    @Override
    public String name() {
        return "Postgres " + primary.config().binaries().version() + ", ANY 1 (a, b) of two stock standbys";
    }

    @Override
    public PostgresServer primary() {
        return primary;
    }

    @Override
    public void requireIntact() throws BenchmarkException {
        standbys.requireAll();
    }
}
