package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.FirnProgram;
import dev.firn.compute.instance.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A Postgres whose commits wait for Firn's quorum: {@code firn up} and {@code firn attach} of the program that this process is part
 * of, each a process as a user starts it.
 */
final class FirnQuorum implements CommitSide {
    private static final String STANDBY_NAME = "firn";
    private static final String TIMELINE = "bench";
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(5);
    private static final Duration STREAMING_LIMIT = Duration.ofMinutes(2);

    private final PostgresServer primary;
    private final Followers firn;

    private FirnQuorum(final PostgresServer primary, final Followers firn) {
        this.primary = primary;
        this.firn = firn;
    }

    static FirnQuorum start(final CommitCluster cluster) throws BenchmarkException, InterruptedException {
        final FirnProgram program = FirnProgram.of(cluster.context());
        final PostgresServer primary =
                cluster.start("firn-primary", config -> config.with("synchronous_standby_names", STANDBY_NAME));
        final Path directory = cluster.place("firn-system");
        final AtomicBoolean down = new AtomicBoolean();
        cluster.own(() -> {
            if (!down.getAndSet(true)) {
                program.run(COMMAND_LIMIT, "down", "--dir", directory.toString());
            }
        });
        program.run(COMMAND_LIMIT, "up", "--dir", directory.toString(), "--no-postgres", "--detach");
        program.run(
                COMMAND_LIMIT, "attach", primary.connectionString(), "--name", TIMELINE, "--dir", directory.toString());
        final Followers firn = new Followers(primary, Set.of(STANDBY_NAME), cluster.clock());
        firn.await(STREAMING_LIMIT);
        return new FirnQuorum(primary, firn);
    }

    @Override
    public String name() {
        return "Firn";
    }

    @Override
    public PostgresServer primary() {
        return primary;
    }

    @Override
    public void requireIntact() throws BenchmarkException {
        firn.requireAll();
    }
}
