package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.compute.instance.PostgresServer;

/** A Postgres whose commits wait for its own disk only: nothing that also waits for others can be faster, but by luck. */
final class LonePostgres implements CommitSide {
    private final PostgresServer server;

    private LonePostgres(final PostgresServer server) {
        this.server = server;
    }

    static LonePostgres start(final CommitCluster cluster) throws BenchmarkException {
        return start(cluster, "alone");
    }

    /** @param name of its directory. */
    static LonePostgres start(final CommitCluster cluster, final String name) throws BenchmarkException {
        return new LonePostgres(cluster.start(name, config -> config.with("synchronous_commit", "local")));
    }

    @Override
    public String name() {
        return "Postgres " + server.config().binaries().version() + " alone, synchronous_commit = local";
    }

    @Override
    public PostgresServer primary() {
        return server;
    }

    @Override
    public void requireIntact() {}
}
