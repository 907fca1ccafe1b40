package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.compute.instance.PostgresServer;
import java.util.Set;

/** A running Postgres, and what its commits wait for. It is one of the run's resources: nobody has to close it. */
interface CommitSide {
    /** How a result names it. */
    String name();

    /** Where the load goes. */
    PostgresServer primary();

    /** The JVMs among what its commits wait for. */
    default Set<Long> processes() {
        return Set.of();
    }

    /** Checks that commits still wait for what they are to wait for: a lost follower would make them fast, or hang. */
    void requireIntact() throws BenchmarkException;
}
