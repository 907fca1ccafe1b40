package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.nativeio.seam.Clock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** Who a primary streams to and counts for its commits, as {@code pg_stat_replication} tells. */
final class Followers {
    private static final String STREAMING = "SELECT application_name FROM pg_stat_replication"
            + " WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')";
    private static final String PAUSE = "SELECT pg_sleep(0.05)";

    private final PostgresServer primary;
    private final Set<String> names;
    private final Clock clock;

    Followers(final PostgresServer primary, final Set<String> names, final Clock clock) {
        this.primary = primary;
        this.names = new TreeSet<>(names);
        this.clock = clock;
    }

    /** Waits until all are there. */
    void await(final Duration limit) throws BenchmarkException {
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            while (!streaming(statement).containsAll(names)) {
                if (clock.nanoTime() - deadlineNs > 0) {
                    throw new BenchmarkException("of " + names + ", only " + streaming(statement)
                            + " followed the primary after " + limit.toSeconds() + " s");
                }
                statement.execute(PAUSE);
            }
        } catch (final SQLException e) {
            throw lost(e);
        }
    }

    void requireAll() throws BenchmarkException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            final Set<String> present = streaming(statement);
            if (!present.containsAll(names)) {
                throw new BenchmarkException("of " + names + ", only " + present + " follow the primary any more");
            }
        } catch (final SQLException e) {
            throw lost(e);
        }
    }

    private static Set<String> streaming(final Statement statement) throws SQLException {
        final Set<String> present = new TreeSet<>();
        try (ResultSet rows = statement.executeQuery(STREAMING)) {
            while (rows.next()) {
                present.add(rows.getString(1));
            }
        }
        return present;
    }

    private static BenchmarkException lost(final SQLException e) {
        return new BenchmarkException("cannot ask the primary who follows it: " + e.getMessage(), e);
    }
}
