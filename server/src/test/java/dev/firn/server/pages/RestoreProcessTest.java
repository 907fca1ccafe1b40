package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.FirnProcess;
import dev.firn.server.redo.ClusterContents;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What stock Postgres sees in a restored directory is what its primary saw at that moment: every row of every table, catalogs included, and
 * every prepared transaction; by LSN, by time, of a branch and of a branch of it, with a tablespace.
 */
@Tag("long")
@Timeout(900)
final class RestoreProcessTest {
    private static final int LIMIT_SECONDS = 120;

    /** An ISO 8601 time, as {@code --at} takes it. */
    private static final String NOW =
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";

    /** Commits are found by time to the second. */
    private static final String WAIT = "SELECT pg_sleep(2.1)";

    @TempDir
    private Path folder;

    private String dir;
    private int restores;

    /** What there was at one moment. */
    private record Moment(String lsn, Map<String, String> rows, List<List<String>> prepared) {
        static Moment of(final PostgresServer primary) throws SQLException {
            final Map<String, String> rows = ClusterContents.rows(primary);
            return new Moment(flushedLsn(primary), rows, preparedIn(primary));
        }
    }

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldRestoreWhatThePrimaryHadAtThatMoment(final int major) throws Exception {
        try (PostgresServer primary = server(major, "primary");
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            primary.init();
            primary.start();
            primary.execute("CREATE TABLESPACE space LOCATION '" + space(primary) + "'");
            primary.execute("CREATE TABLE early TABLESPACE space AS SELECT g AS id, repeat('x', g % 200) AS v"
                    + " FROM generate_series(1, 3000) g");
            final URI root = firn.awaitUp();
            run("attach", "user=postgres host=127.0.0.1 port=" + primary.port(), "--dir", dir);

            primary.execute("CREATE INDEX ON early (id)");
            primary.execute("CREATE TABLE late TABLESPACE space AS SELECT g AS id FROM generate_series(1, 500) g");
            final Moment first = Moment.of(primary);
            prepare(primary, "before a checkpoint", "INSERT INTO late SELECT generate_series(501, 600)");
            primary.execute("CHECKPOINT");
            prepare(primary, "after it", "UPDATE early SET v = 'prepared' WHERE id <= 10");
            primary.execute("DELETE FROM early WHERE id > 10 AND id % 3 = 0");
            primary.query(WAIT);
            final Moment second = Moment.of(primary);
            final String time = primary.query(NOW).getFirst().getFirst();
            primary.query(WAIT);
            primary.execute("COMMIT PREPARED 'before a checkpoint'");
            primary.execute("ROLLBACK PREPARED 'after it'");
            primary.execute("DROP TABLE early");
            primary.execute("CREATE DATABASE copied TABLESPACE space");
            final Moment third = Moment.of(primary);
            awaitApplied(root, third.lsn());

            assertRestored(major, second, "--branch", "main", "--at", second.lsn());
            assertRestored(major, second, "--branch", "main", "--at", time);
            assertRestored(major, third, "--branch", "main", "--at", third.lsn());
            run("branch", "create", "dev", "--at", second.lsn(), "--dir", dir);
            // Before dev has left main: it is a branch of main.
            run("branch", "create", "deeper", "--from", "dev", "--at", first.lsn(), "--dir", dir);
            run("branch", "create", "deepest", "--from", "deeper", "--dir", dir);
            assertRestored(major, second, "--branch", "dev");
            assertRestored(major, first, "--branch", "dev", "--at", first.lsn());
            assertRestored(major, first, "--branch", "deeper");
            assertRestored(major, first, "--branch", "deepest");
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    private void assertRestored(final int major, final Moment expected, final String... options) throws Exception {
        final PostgresServer restored = server(major, "restored-" + restores++);
        final List<String> command = new ArrayList<>(List.of("restore", "--dir", dir, "--to"));
        command.add(restored.dataDirectory().toString());
        command.addAll(List.of(options));
        run(command.toArray(new String[0]));
        try (restored) {
            restored.adopt();
            restored.start();
            assertThat(restored.logTail(1_000))
                    .as("%s", command)
                    .noneMatch(line -> line.contains("ERROR:")
                            || line.contains("FATAL:")
                            || line.contains("PANIC:")
                            || line.contains("WARNING:"));
            assertThat(ClusterContents.rows(restored)).as("%s", command).isEqualTo(expected.rows());
            assertThat(preparedIn(restored)).as("%s", command).isEqualTo(expected.prepared());
            final List<String> corruption = ClusterContents.corruption(restored);
            // The fetched binaries come without amcheck; where it is, it has nothing to say.
            assertThat(corruption == null ? List.of() : corruption).isEmpty();
        }
    }

    /** A place that the server's user may write to. */
    private static Path space(final PostgresServer primary) throws IOException {
        final Path inside = Files.createDirectory(primary.dataDirectory().resolve("space"));
        primary.adopt();
        return Files.move(inside, primary.dataDirectory().resolveSibling("space"));
    }

    private static void prepare(final PostgresServer primary, final String name, final String sql) throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            statement.execute(sql);
            statement.execute("PREPARE TRANSACTION '" + name + "'");
        }
    }

    private static List<List<String>> preparedIn(final PostgresServer server) throws SQLException {
        return server.query("SELECT gid, transaction, database FROM pg_prepared_xacts ORDER BY 1");
    }

    private static String flushedLsn(final PostgresServer server) throws SQLException {
        return server.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst();
    }

    /** Neither vacuums by itself: what catalogs say of tables is to be the same. */
    private PostgresServer server(final int major, final String name) {
        return new PostgresServer(
                ServerConfig.of(
                                BinariesFinder.ofThisMachine(System.err::println)
                                        .find(major),
                                folder.resolve(name))
                        .with("autovacuum", "off")
                        .with("max_prepared_transactions", "4"),
                SystemClock.INSTANCE);
    }

    private static void run(final String... command) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(command);
        assertThat(result.exitCode())
                .as("%s: %s", List.of(command), result.err())
                .isZero();
    }

    private static void awaitApplied(final URI root, final String lsn) throws Exception {
        final Semaphore never = new Semaphore(0);
        JsonNode timeline = null;
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            timeline = FirnProcess.json(FirnProcess.get(root.resolve("status")))
                    .path("timelines")
                    .path(0);
            if (timeline.path("appliedLsn").isTextual()
                    && Lsn.parse(timeline.path("appliedLsn").asText()) >= Lsn.parse(lsn)) {
                return;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never applied " + lsn + ": " + timeline);
    }
}
