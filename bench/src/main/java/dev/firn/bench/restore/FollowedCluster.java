package dev.firn.bench.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.FirnProgram;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A stock Postgres that Firn follows. One half of its data was there before, and lies in the base backup; the other was written while Firn listened, and
 * a tenth of the first was changed: what a page server answers with comes from the backup, from layers, and from both.
 */
final class FollowedCluster {
    private static final Duration SERVER_LIMIT = Duration.ofMinutes(5);
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(10);
    private static final Duration INGEST_LIMIT = Duration.ofMinutes(10);
    private static final String TIMELINE = "main";
    private static final String BASE_BACKUP = "pg_basebackup";

    /** What a row takes with its header: text that a page holds, which halves when it is compressed. */
    private static final int BYTES_A_ROW = 300;

    private static final String ROWS = "SELECT g AS id, md5(g::text) || repeat(md5((g / 7)::text), 7) AS content"
            + " FROM generate_series(%d, %d) g";
    private static final String PAUSE = "SELECT pg_sleep(0.2)";

    private final BenchContext context;
    private final FirnProgram firn;
    private final PostgresServer primary;
    private final Path directory;
    private final Path system;
    private final Clock clock = SystemClock.INSTANCE;
    private final ObjectMapper mapper = new ObjectMapper();

    private FollowedCluster(
            final BenchContext context, final FirnProgram firn, final PostgresServer primary, final Path directory) {
        this.context = context;
        this.firn = firn;
        this.primary = primary;
        this.directory = directory;
        this.system = directory.resolve("firn");
    }

    /** What a restore wrote. */
    record Restored(long pageBytes, double seconds) {}

    /**
     * Makes it; it ends with the run.
     *
     * @param directory made anew.
     * @param dataBytes of tables, about.
     */
    static FollowedCluster start(
            final BenchContext context, final PostgresBinaries binaries, final Path directory, final long dataBytes)
            throws BenchmarkException, InterruptedException {
        context.resources().own(directory);
        try {
            RunResources.delete(directory);
            Files.createDirectories(directory);
            final PostgresServer primary = new PostgresServer(
                    ServerConfig.of(binaries, directory.resolve("primary"))
                            .withLimits(SERVER_LIMIT, SERVER_LIMIT)
                            .with("fsync", "off")
                            .with("shared_buffers", "512MB")
                            .with("max_wal_size", "1TB")
                            .with("checkpoint_timeout", "1d")
                            .with("autovacuum", "off"),
                    SystemClock.INSTANCE);
            context.resources().ownServer(primary);
            primary.init();
            primary.start();
            final FollowedCluster cluster = new FollowedCluster(context, FirnProgram.of(context), primary, directory);
            cluster.fill(dataBytes);
            return cluster;
        } catch (final IOException | SQLException | ComputeException e) {
            throw new BenchmarkException("cannot prepare a Postgres that Firn follows: " + e.getMessage(), e);
        }
    }

    private void fill(final long dataBytes) throws SQLException, BenchmarkException, InterruptedException {
        final long rows = Math.max(1, dataBytes / BYTES_A_ROW / 2);
        context.progress().step("restore: data of before");
        primary.execute("CREATE TABLE early AS " + ROWS.formatted(1, rows));
        context.resources().ownServer(() -> firn.run(COMMAND_LIMIT, "down", "--dir", system.toString()));
        firn.run(COMMAND_LIMIT, "up", "--dir", system.toString(), "--no-postgres", "--detach");
        context.progress().step("restore: attaching");
        firn.run(COMMAND_LIMIT, "attach", primary.connectionString(), "--name", TIMELINE, "--dir", system.toString());
        context.progress().step("restore: data of after");
        primary.execute("CREATE TABLE late AS " + ROWS.formatted(1, rows));
        primary.execute("UPDATE early SET content = reverse(content) WHERE id % 10 = 0");
        // As a base backup begins: what has to be written besides the pages is the WAL since.
        primary.execute("CHECKPOINT");
        awaitIngest();
    }

    private void awaitIngest() throws SQLException, BenchmarkException, InterruptedException {
        final long deadlineNs = clock.nanoTime() + INGEST_LIMIT.toNanos();
        final long written = Lsn.parse(
                primary.query("SELECT pg_current_wal_insert_lsn()").getFirst().getFirst());
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            // Something behind it, so that all of it is written out and known to be.
            statement.execute("SELECT pg_switch_wal()");
            long applied = applied();
            while (applied < written) {
                if (clock.nanoTime() - deadlineNs > 0) {
                    throw new BenchmarkException("the page server had applied " + Lsn.format(applied) + " and not "
                            + Lsn.format(written) + " after " + INGEST_LIMIT.toMinutes() + " min");
                }
                statement.execute(PAUSE);
                applied = applied();
            }
        }
    }

    private long applied() throws BenchmarkException, InterruptedException {
        for (final JsonNode timeline : json("status").path("timelines")) {
            if (timeline.path("name").asText().equals(TIMELINE)
                    && timeline.path("appliedLsn").isTextual()) {
                return Lsn.parse(timeline.path("appliedLsn").asText());
            }
        }
        return 0;
    }

    /** Restores it as it is now, into a directory that is gone then. */
    Restored restore() throws BenchmarkException, InterruptedException {
        final Path target = directory.resolve("restored");
        final JsonNode told = json("restore", "--branch", TIMELINE, "--to", target.toString(), "--json");
        final Restored restored =
                new Restored(told.path("bytes").asLong(), told.path("seconds").asDouble());
        delete(target);
        return restored;
    }

    private JsonNode json(final String command, final String... more) throws BenchmarkException, InterruptedException {
        final String[] arguments = new String[more.length + 3];
        arguments[0] = command;
        System.arraycopy(more, 0, arguments, 1, more.length);
        arguments[more.length + 1] = "--dir";
        arguments[more.length + 2] = system.toString();
        try {
            return mapper.readTree(firn.run(COMMAND_LIMIT, arguments));
        } catch (final IOException e) {
            throw new BenchmarkException("firn " + command + " wrote no JSON: " + e.getMessage(), e);
        }
    }

    /** The client, of the server's package or of the host; of the server's major version. */
    Optional<Path> baseBackup(final String searchPath) {
        if (primary.config().binaries().has(BASE_BACKUP)) {
            return Optional.of(primary.config().binaries().program(BASE_BACKUP));
        }
        for (final String folder :
                (searchPath == null ? "" : searchPath).split(Pattern.quote(File.pathSeparator), -1)) {
            final Path candidate = Path.of(folder, BASE_BACKUP);
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                final ShortCommand.Result version =
                        ShortCommand.run(List.of(candidate.toString(), "--version"), SERVER_LIMIT);
                if (version.output().contains(" " + primary.config().binaries().major() + ".")) {
                    return Optional.of(candidate);
                }
            }
        }
        return Optional.empty();
    }

    /** Takes a base backup as Postgres' own client does, into a directory that is gone then; how many seconds it took. */
    double backup(final Path program) throws BenchmarkException {
        // Its checkpoint is not what is measured: after this one there is nothing to write, and no more WAL than a
        // restore takes.
        try {
            primary.execute("CHECKPOINT");
        } catch (final SQLException e) {
            throw new BenchmarkException("cannot checkpoint: " + e.getMessage(), e);
        }
        final Path target = primary.config().directory().resolve("backup");
        UnprivilegedUser.find().makePrivateDirectory(target);
        final long startNs = clock.nanoTime();
        final ShortCommand.Result result =
                primary.run(program, "--pgdata=" + target, "--checkpoint=fast", "--wal-method=stream");
        final double seconds = (clock.nanoTime() - startNs) / 1e9;
        if (!result.succeeded()) {
            throw new BenchmarkException("pg_basebackup ended with " + result.exitCode() + ": "
                    + result.output().strip());
        }
        delete(target);
        return seconds;
    }

    private static void delete(final Path path) throws BenchmarkException {
        try {
            RunResources.delete(path);
        } catch (final IOException e) {
            throw new BenchmarkException("cannot delete " + path + ": " + e.getMessage(), e);
        }
    }
}
