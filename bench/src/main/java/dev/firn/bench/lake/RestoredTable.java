package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The rival of a rebuild: rows back into a heap of Postgres by COPY, as fast as it does that: frozen, into a table of the same transaction, so that no
 * WAL is written, without indexes.
 */
final class RestoredTable implements AutoCloseable {
    private final Clock clock = SystemClock.INSTANCE;
    private final PostgresServer server;
    private final Connection connection;

    RestoredTable(final BenchContext context, final PostgresBinaries binaries) throws BenchmarkException {
        final Path place = context.resources().own(context.workDirectory().resolve("lake-restore"));
        server = new PostgresServer(LakeCorpusMaker.config(binaries, place), clock);
        context.resources().ownServer(server);
        try {
            RunResources.delete(place);
            server.init();
            server.start();
            connection = server.connect();
            connection.setAutoCommit(false);
        } catch (final IOException | SQLException | ComputeException e) {
            throw new BenchmarkException("cannot start a Postgres to restore tables in: " + e.getMessage(), e);
        }
    }

    String name() {
        return "Postgres " + server.config().binaries().version() + " COPY FREEZE, no WAL";
    }

    LakeMeasurement restore(final LakeTable table, final LakeCorpus.Facts facts) throws BenchmarkException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(definition(table));
            final long begun = clock.nanoTime();
            statement.execute(
                    "COPY " + table.table() + " FROM '" + facts.csv() + "' (FORMAT csv, NULL '\\N', FREEZE true)");
            final long elapsedNs = clock.nanoTime() - begun;
            connection.rollback();
            return new LakeMeasurement(1, facts.rows(), facts.heapBytes(), 0, elapsedNs, 0, 0);
        } catch (final SQLException e) {
            throw new BenchmarkException("cannot restore " + table.table() + ": " + e.getMessage(), e);
        }
    }

    /** The first statement of its SQL. */
    private static String definition(final LakeTable table) {
        final String sql = table.sql(0);
        final int begin = sql.indexOf("CREATE TABLE");
        return sql.substring(begin, sql.indexOf(';', begin));
    }

    @Override
    public void close() throws BenchmarkException {
        try (server) {
            connection.close();
        } catch (final SQLException e) {
            throw new BenchmarkException("the session that restored tables: " + e.getMessage(), e);
        }
    }
}
