package dev.firn.compute.corpus;

import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes corpora: initialises a cluster, keeps a copy of it, runs scripts on it, and keeps what they left and wrote.
 */
public final class CorpusMaker {
    /** Every record type that a running primary writes, in the order in which the scripts build on one another. */
    public static final List<String> MIX = List.of(
            "heap",
            "btree",
            "hash",
            "gin",
            "gist",
            "spgist",
            "brin",
            "sequence",
            "generic",
            "transactions",
            "xids",
            "burn",
            "system",
            "logical",
            "settings",
            "compression",
            "bank",
            "prepared");

    private static final int SEGMENT_NAME_LENGTH = 24;

    private final PostgresBinaries binaries;
    private final Path directory;
    private final Clock clock;
    private final Consumer<String> progress;

    /**
     * @param directory where its parts come to be: {@code base}, {@code wal}, {@code end}; the user who runs Postgres has to be
     *                  able to enter what is above it
     * @param progress  is told what each script took
     */
    public CorpusMaker(
            final PostgresBinaries binaries, final Path directory, final Clock clock, final Consumer<String> progress) {
        this.binaries = binaries;
        this.directory = directory;
        this.clock = clock;
        this.progress = progress;
    }

    /** A corpus of these scripts, with a restart under other settings at the end. */
    public Corpus make(final CorpusSettings settings, final List<String> scripts) throws IOException, SQLException {
        final ServerConfig config = config(settings);
        try (PostgresServer server = new PostgresServer(config, clock)) {
            begin(server, settings);
            run(server, scripts);
            server.stop(StopMode.FAST);
        }
        // The log carries the settings that a standby has to match: one of them changes.
        try (PostgresServer server = new PostgresServer(config.with("max_connections", "90"), clock)) {
            server.start();
            server.execute("SELECT pg_current_xact_id()");
            return end(server, settings);
        }
    }

    /**
     * A corpus of crashes: of a record that was cut off, of transactions under way, and of a standby that was promoted, so the log
     * goes on on a second timeline.
     */
    public Corpus makeRecovered(final CorpusSettings settings) throws IOException, SQLException {
        // A standby without an archive: it finds nothing more, and waits for its promotion.
        final ServerConfig config = config(settings).with("restore_command", "false");
        try (PostgresServer server = new PostgresServer(config, clock)) {
            begin(server, settings);
            run(server, List.of("sequence", "bank"));
            cutOff(server, settings);
            server.start();
            run(server, List.of("transactions"));
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
                statement.execute("DELETE FROM bank_tellers");
                statement.execute("CREATE TABLE lost AS SELECT FROM generate_series(1, 1000)");
                server.execute("UPDATE bank_accounts SET abalance = 0 WHERE aid % 10 = 0");
                server.crash();
            } catch (final SQLException e) {
                progress.accept("the crash cut a session off: " + e.getMessage());
            }
            server.start();
            run(server, List.of("prepared"));
            server.stop(StopMode.FAST);
            Files.createFile(server.dataDirectory().resolve("standby.signal"));
            server.adopt();
            server.start();
            server.promote();
            server.execute("CALL bank_run(0.125, 300)");
            return end(server, settings);
        }
    }

    /** Crashes it while a record of several segments is written, of which only the first segment comes to be on disk. */
    private void cutOff(final PostgresServer server, final CorpusSettings settings) throws IOException, SQLException {
        server.execute("CHECKPOINT");
        final String cut = server.query("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
                .getFirst()
                .getFirst();
        server.execute("SELECT pg_logical_emit_message(false, 'cut', repeat('z', "
                + (settings.walSegmentMiB() << 20) * 2 + "))");
        server.crash();
        try (Stream<Path> files = Files.list(server.dataDirectory().resolve("pg_wal"))) {
            for (final Path file : (Iterable<Path>) files::iterator) {
                final String name = file.getFileName().toString();
                if (name.length() == SEGMENT_NAME_LENGTH && name.compareTo(cut) > 0) {
                    Files.delete(file);
                }
            }
        }
    }

    private ServerConfig config(final CorpusSettings settings) {
        ServerConfig config =
                ServerConfig.of(binaries, directory.resolve("server")).withCluster(settings.cluster());
        for (final Map.Entry<String, String> setting : settings.server().entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        return config;
    }

    /** Leaves it running, with the copy made that the log is to be replayed over. */
    private void begin(final PostgresServer server, final CorpusSettings settings) throws IOException, SQLException {
        server.init();
        server.start();
        server.stop(StopMode.FAST);
        copyTree(server.dataDirectory(), base());
        server.start();
        if (!settings.fullPageWrites()) {
            server.execute("ALTER SYSTEM SET full_page_writes = off");
            server.execute("SELECT pg_reload_conf()");
        }
    }

    private Corpus end(final PostgresServer server, final CorpusSettings settings) throws IOException {
        server.stop(StopMode.FAST);
        final Path end = directory.resolve("end");
        final Path wal = directory.resolve("wal");
        Files.move(server.dataDirectory(), end);
        keepWal(end.resolve("pg_wal"), wal);
        return new Corpus(binaries, settings, base(), wal, end);
    }

    private Path base() {
        return directory.resolve("base");
    }

    private void run(final PostgresServer server, final List<String> scripts) throws SQLException {
        run(server, scripts, clock, progress);
    }

    /** Runs scripts on a server that is not its own, with the settings that they want. */
    public static void run(
            final PostgresServer server, final List<String> scripts, final Clock clock, final Consumer<String> progress)
            throws SQLException {
        try (ScriptRunner runner = new ScriptRunner(server)) {
            for (final String script : scripts) {
                final long begunNs = clock.nanoTime();
                runner.run(SqlScript.named(script));
                progress.accept("%s: %.1f s".formatted(script, (clock.nanoTime() - begunNs) / 1e9));
            }
        }
    }

    /** The segments with other names for the same files: what is in them changes no more. */
    private static void keepWal(final Path from, final Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (final Path file : (Iterable<Path>) files::iterator) {
                final String name = file.getFileName().toString();
                if (name.length() == SEGMENT_NAME_LENGTH || name.endsWith(".history")) {
                    Files.createLink(to.resolve(name), file);
                }
            }
        }
    }

    /** A copy of a directory, owners and rights included. */
    public static void copyTree(final Path from, final Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (final Path source : (Iterable<Path>) tree::iterator) {
                Files.copy(source, to.resolve(from.relativize(source)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
