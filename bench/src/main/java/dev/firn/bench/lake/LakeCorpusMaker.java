package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a {@link LakeCorpus}: all tables in a new cluster, by one session, so that the same rows lie on the same pages each time. */
final class LakeCorpusMaker {
    private static final int MAJOR = 17;
    private static final long DEFAULT_HEAP_BYTES = 96L << 20;
    private static final Duration SERVER_LIMIT = Duration.ofMinutes(5);

    private final BenchContext context;

    LakeCorpusMaker(final BenchContext context) {
        this.context = context;
    }

    PostgresBinaries binaries() throws BenchmarkException {
        try {
            return BinariesFinder.ofThisMachine(line -> context.progress().line(line))
                    .find(MAJOR);
        } catch (final ComputeException e) {
            throw new BenchmarkException(e.getMessage(), e);
        }
    }

    /** Makes one, or takes what this run has made, or one before with {@code --keep-files}. Each heap is as large as {@code --file-mib} says. */
    LakeCorpus make() throws BenchmarkException {
        final long asked = context.options().fileBytes();
        final long heapBytes = asked == 0 ? DEFAULT_HEAP_BYTES : asked;
        final Path directory = context.workDirectory().resolve("lake-corpus-" + MAJOR + "-" + (heapBytes >> 20) + "m");
        if (!context.options().keepFiles()) {
            context.resources().own(directory);
        }
        try {
            final LakeCorpus known = LakeCorpus.read(directory);
            if (known != null) {
                return known;
            }
            RunResources.delete(directory);
            Files.createDirectories(directory);
            context.progress().step("making tables with Postgres " + MAJOR);
            return make(directory, heapBytes);
        } catch (final IOException | SQLException | ComputeException e) {
            throw new BenchmarkException("cannot make tables with Postgres " + MAJOR + ": " + e.getMessage(), e);
        }
    }

    private LakeCorpus make(final Path directory, final long heapBytes)
            throws IOException, SQLException, BenchmarkException {
        final PostgresServer server =
                new PostgresServer(config(binaries(), directory.resolve("server")), SystemClock.INSTANCE);
        context.resources().ownServer(server);
        final Map<String, LakeCorpus.Facts> facts = new LinkedHashMap<>();
        try (server) {
            server.init();
            server.start();
            for (final LakeTable table : LakeTable.all()) {
                facts.put(table.variant(), make(server, table, heapBytes));
            }
            server.stop(StopMode.FAST);
        }
        final LakeCorpus corpus = new LakeCorpus(
                directory.toString(),
                server.dataDirectory().toString(),
                MAJOR,
                server.config().binaries().version(),
                facts);
        corpus.write();
        return corpus;
    }

    /** A server that only makes things: what it writes need not survive anything, and nothing runs by itself. */
    static ServerConfig config(final PostgresBinaries binaries, final Path place) {
        return ServerConfig.of(binaries, place)
                .withLimits(SERVER_LIMIT, SERVER_LIMIT)
                .with("fsync", "off")
                .with("autovacuum", "off")
                .with("wal_level", "minimal")
                .with("max_wal_senders", "0")
                .with("max_wal_size", "8GB")
                .with("checkpoint_timeout", "1d")
                .with("max_parallel_workers_per_gather", "0")
                .with("TimeZone", "UTC")
                .with("shared_buffers", "512MB");
    }

    private static LakeCorpus.Facts make(final PostgresServer server, final LakeTable table, final long heapBytes)
            throws SQLException {
        server.execute(table.sql(heapBytes));
        server.execute("VACUUM (FREEZE, ANALYZE) " + table.table());
        final Path csv = server.config().directory().resolve(table.variant() + ".csv");
        server.execute("COPY " + table.table() + " TO '" + csv + "' (FORMAT csv, NULL '\\N')");
        final List<String> counted = server.query(
                        "SELECT count(*), pg_relation_size('" + table.table() + "') FROM " + table.table())
                .getFirst();
        return new LakeCorpus.Facts(Long.parseLong(counted.get(0)), Long.parseLong(counted.get(1)), csv.toString());
    }
}
