package dev.firn.bench.pages;

import dev.firn.bench.commit.PgBench;
import dev.firn.bench.commit.PgBenchRun;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.harness.Sample;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A stock Postgres whose pages are asked for as SQL can: {@code get_raw_page} of the extension pageinspect, prepared, over the Unix socket, by
 * pgbench's clients. All pages are in shared buffers.
 */
final class InspectedPages implements AutoCloseable {
    private static final int MAJOR = 17;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Rows of a little more than half a page: a page each. */
    private static final List<String> TABLE = List.of(
            "CREATE EXTENSION pageinspect",
            "CREATE TABLE pages (filler text) WITH (autovacuum_enabled = off)",
            "ALTER TABLE pages ALTER COLUMN filler SET STORAGE PLAIN",
            "INSERT INTO pages SELECT repeat('x', 5000) FROM generate_series(1, %d)",
            "VACUUM (FREEZE) pages");

    private final PostgresServer server;
    private final PgBench pgBench;
    private final String script;

    private InspectedPages(final PostgresServer server, final PgBench pgBench, final int blocks) {
        this.server = server;
        this.pgBench = pgBench;
        this.script = "\\set block random(0, " + (blocks - 1) + ")\nSELECT get_raw_page('pages', :block);\n";
    }

    /** @throws BenchmarkException when this machine does not have what it takes: says what. */
    static InspectedPages start(final BenchContext context, final Path directory, final int blocks)
            throws BenchmarkException {
        final Path place = context.resources().own(directory.resolve("postgres"));
        try {
            RunResources.delete(place);
            final PostgresBinaries binaries = BinariesFinder.ofThisMachine(
                            line -> context.progress().line(line))
                    .find(MAJOR);
            final PgBench pgBench = PgBench.find(binaries, System.getenv("PATH"));
            final PostgresServer server = new PostgresServer(
                    ServerConfig.of(binaries, place)
                            .withLimits(LIMIT, LIMIT)
                            .with("fsync", "off")
                            .with("shared_buffers", "128MB")
                            .with("max_connections", "100"),
                    SystemClock.INSTANCE);
            context.resources().ownServer(server);
            server.init();
            server.start();
            for (final String statement : TABLE) {
                server.execute(statement.formatted(blocks));
            }
            return new InspectedPages(server, pgBench, blocks);
        } catch (final IOException | SQLException | ComputeException e) {
            throw new BenchmarkException("no Postgres with pageinspect: " + e.getMessage(), e);
        }
    }

    String name() {
        return "Postgres " + server.config().binaries().version() + ", get_raw_page by pgbench over a Unix socket";
    }

    /** The median in microseconds. */
    Sample measure(final int clients, final Duration sample) throws BenchmarkException {
        final PgBenchRun run = pgBench.measure(server, script, clients, Math.max(1, sample.toSeconds()));
        return new Sample(run.p50Us(), new Sample.Latency(run.p50Us(), run.p99Us()), null, null);
    }

    @Override
    public void close() {
        server.close();
    }
}
