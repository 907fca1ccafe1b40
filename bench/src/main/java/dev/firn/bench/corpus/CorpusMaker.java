package dev.firn.bench.corpus;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.process.ShortCommand;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.wal.WalSegments;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a {@link Corpus}: a new cluster is prepared and checkpointed, its files are copied while nobody works on it, the workload
 * runs, and the server is killed. No checkpoint comes between, so that all of the log is replayed from the copy, as after a crash.
 *
 * <p>Full-page writes are off: Firn's computes run so, and images would hide what redo of the records costs. Nothing runs by
 * itself (autovacuum), so that the same statements write the same log.
 */
public final class CorpusMaker {
    private static final long DEFAULT_WAL_BYTES = 192L << 20;
    private static final Duration SERVER_LIMIT = Duration.ofMinutes(10);
    private static final Duration COPY_LIMIT = Duration.ofMinutes(10);
    private static final ClusterOptions CLUSTER = ClusterOptions.DEFAULT;
    private static final int SEGMENT_BYTES = CLUSTER.walSegmentMiB() << 20;
    private static final int FIRST_TIMELINE = 1;

    private final BenchContext context;

    public CorpusMaker(final BenchContext context) {
        this.context = context;
    }

    /** The Postgres of a major version. */
    public PostgresBinaries binaries(final int major) throws BenchmarkException {
        try {
            return BinariesFinder.ofThisMachine(line -> context.progress().line(line))
                    .find(major);
        } catch (final ComputeException e) {
            throw new BenchmarkException(e.getMessage(), e);
        }
    }

    /**
     * Makes one, or takes the one that this run, or one before with {@code --keep-files}, has made. It has about so much log as
     * {@code --file-mib} says.
     */
    public Corpus make(final Workload workload, final int major) throws BenchmarkException {
        final long walBytes = context.options().fileBytes() == 0
                ? DEFAULT_WAL_BYTES
                : context.options().fileBytes();
        final Path directory = context.workDirectory()
                .resolve("corpus-" + workload.name() + "-" + major + "-" + (walBytes >> 20) + "m");
        if (!context.options().keepFiles()) {
            context.resources().own(directory);
        }
        try {
            final Corpus known = Corpus.read(directory);
            if (known != null) {
                return known;
            }
            RunResources.delete(directory);
            Files.createDirectories(directory);
            context.progress().step("making WAL with Postgres " + major + ": " + workload.name());
            return make(workload, binaries(major), walBytes, directory);
        } catch (final IOException | SQLException | ComputeException e) {
            throw new BenchmarkException("cannot make WAL with Postgres " + major + ": " + e.getMessage(), e);
        }
    }

    private Corpus make(
            final Workload workload, final PostgresBinaries binaries, final long walBytes, final Path directory)
            throws IOException, SQLException {
        final Path place = directory.resolve("server");
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(binaries, place)
                        .withCluster(CLUSTER)
                        .withLimits(SERVER_LIMIT, SERVER_LIMIT)
                        .with("fsync", "off")
                        .with("synchronous_commit", "off")
                        .with("full_page_writes", "off")
                        .with("autovacuum", "off")
                        .with("bgwriter_lru_maxpages", "0")
                        .with("max_wal_size", "1TB")
                        .with("checkpoint_timeout", "1d")
                        .with("shared_buffers", "1GB")
                        .with("wal_buffers", "64MB")
                        .with("maintenance_work_mem", "256MB"),
                SystemClock.INSTANCE);
        context.resources().ownServer(server);
        final Corpus corpus;
        try (server) {
            server.init();
            server.start();
            corpus = record(workload, server, walBytes, directory, place);
            server.crash();
        }
        keepWal(corpus, server.dataDirectory().resolve("pg_wal"));
        RunResources.delete(place);
        corpus.write();
        return corpus;
    }

    private Corpus record(
            final Workload workload,
            final PostgresServer server,
            final long walBytes,
            final Path directory,
            final Path files)
            throws IOException, SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            workload.prepare(statement, files, walBytes);
            // From a segment's begin: what is before the checkpoint is not part of the log.
            statement.execute("SELECT pg_switch_wal()");
            statement.execute("CHECKPOINT");
            final Path base = directory.resolve("base");
            copyBase(server.dataDirectory(), base);
            workload.run(statement, files, walBytes);
            return new Corpus(
                    directory.toString(),
                    server.config().binaries().major(),
                    server.config().binaries().version(),
                    SEGMENT_BYTES,
                    checkpointOf(base),
                    switchWal(statement));
        }
    }

    /** The end of the log, written out whatever {@code synchronous_commit} says. */
    private static long switchWal(final Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT pg_switch_wal() - '0/0'::pg_lsn")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static void copyBase(final Path data, final Path base) throws IOException {
        copyTree(data, base);
        RunResources.delete(base.resolve("postmaster.pid"));
        RunResources.delete(base.resolve("postmaster.opts"));
        try (Stream<Path> segments = Files.list(base.resolve("pg_wal"))) {
            for (final Path segment : (Iterable<Path>) segments::iterator) {
                if (Files.isRegularFile(segment)) {
                    Files.delete(segment);
                }
            }
        }
    }

    /** Copies a directory with owners and rights, by sharing blocks where the file system can. */
    static void copyTree(final Path from, final Path to) throws IOException {
        final ShortCommand.Result copied = ShortCommand.run(
                List.of("cp", "-a", "--reflink=auto", "-T", from.toString(), to.toString()), COPY_LIMIT);
        if (!copied.succeeded()) {
            throw new IOException("copying " + from + " to " + to + " failed: "
                    + copied.output().strip());
        }
    }

    private static long checkpointOf(final Path base) throws IOException {
        final byte[] bytes = Files.readAllBytes(base.resolve(ControlFile.PATH));
        return new ControlFile()
                .wrap(MemorySegment.ofArray(bytes), 0)
                .checkpoint()
                .redo();
    }

    /** Those with log in them: others are old ones, kept for use again. */
    private static void keepWal(final Corpus corpus, final Path from) throws IOException {
        Files.createDirectories(corpus.wal());
        final long last = WalSegments.number(corpus.endLsn() - 1, SEGMENT_BYTES);
        for (long number = WalSegments.number(corpus.startLsn(), SEGMENT_BYTES); number <= last; number++) {
            final String name = WalSegments.fileName(FIRST_TIMELINE, number, SEGMENT_BYTES);
            Files.move(from.resolve(name), corpus.wal().resolve(name));
        }
    }
}
