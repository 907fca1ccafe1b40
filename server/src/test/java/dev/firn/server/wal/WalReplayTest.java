package dev.firn.server.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stock Postgres wrote, replayed by Firn: pages are as Postgres says, and stock Postgres goes on from the outcome. */
@Timeout(240)
class WalReplayTest {
    /** So little that most pages lose their frames. */
    private static final String LITTLE_MEMORY = "1m";

    private static final String MUCH_MEMORY = "512m";

    @TempDir
    private Path temporary;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Each version has one of the two in the ordinary run, both in the long one. */
    @Test
    void shouldReplayACleanShutdownOf15SoThatPostgresStartsWithoutRecovery() throws Exception {
        replayCleanShutdown(15);
    }

    @Test
    @Tag("long")
    void shouldReplayACleanShutdownOf17SoThatPostgresStartsWithoutRecovery() throws Exception {
        replayCleanShutdown(17);
    }

    @Test
    void shouldReplayAnOnlineBackupOf17UpToACrashSoThatPostgresRecovers() throws Exception {
        replayUpToACrash(17);
    }

    @Test
    @Tag("long")
    void shouldReplayAnOnlineBackupOf15UpToACrashSoThatPostgresRecovers() throws Exception {
        replayUpToACrash(15);
    }

    private void replayCleanShutdown(final int major) throws Exception {
        final Path base = temporary.resolve("base");
        try (PostgresServer server = new PostgresServer(config(major, "server"), SystemClock.INSTANCE)) {
            server.init();
            server.start();
            server.execute("CREATE EXTENSION amcheck");
            server.stop(StopMode.FAST);
            copy(server.dataDirectory(), base);
            server.start();
            workload(server);
            final List<String> expected = digest(server);
            server.stop(StopMode.FAST);

            final Path wal = server.dataDirectory().resolve("pg_wal");
            assertVerified(major, base, wal, MUCH_MEMORY);
            final JsonNode replayed = replay(base, wal, temporary.resolve("replayed/data"));
            assertThat(replayed.get("cleanlyShutDown").asBoolean()).isTrue();
            assertServes(major, expected, false);
            assertRefusesAFullDirectory(base, wal);
        }
    }

    private void replayUpToACrash(final int major) throws Exception {
        final Path base = temporary.resolve("base");
        try (PostgresServer server = new PostgresServer(config(major, "server"), SystemClock.INSTANCE)) {
            server.init();
            server.start();
            server.execute("CREATE EXTENSION amcheck");
            server.execute(
                    "CREATE TABLE before_backup AS SELECT i AS id, md5(i::text) AS v FROM generate_series(1, 5000) i");
            backUp(server, base);
            workload(server);
            server.execute("CREATE UNLOGGED TABLE unlogged(id int PRIMARY KEY)");
            server.execute("INSERT INTO unlogged VALUES (1)");
            server.execute("INSERT INTO before_backup VALUES (5001, 'last')");
            final List<String> expected = digest(server);
            server.crash();

            final Path wal = server.dataDirectory().resolve("pg_wal");
            assertVerified(major, base, wal, LITTLE_MEMORY);
            final JsonNode replayed = replay(base, wal, temporary.resolve("replayed/data"));
            assertThat(replayed.get("cleanlyShutDown").asBoolean()).isFalse();
            assertServes(major, expected, true);
        }
    }

    private ServerConfig config(final int major, final String name) {
        return ServerConfig.of(BinariesFinder.ofThisMachine(System.err::println).find(major), temporary.resolve(name))
                .withCluster(ClusterOptions.DEFAULT.withWalSegmentMiB(1))
                .with("wal_consistency_checking", "all")
                .with("wal_level", "logical")
                .with("wal_keep_size", "4GB")
                .with("max_wal_size", "4GB")
                .with("max_prepared_transactions", "5")
                .with("track_commit_timestamp", "on")
                .with("allow_in_place_tablespaces", "on")
                .with("autovacuum", "off")
                .with("fsync", "off");
    }

    private static void workload(final PostgresServer server) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (final String sql : WalWorkload.statements(List.of("pglz"))) {
                statement.execute(sql);
            }
            statement.execute("CREATE TABLESPACE place LOCATION ''");
            statement.execute("CREATE TABLE placed TABLESPACE place AS SELECT i AS id FROM generate_series(1, 3000) i");
            statement.execute("CREATE DATABASE again STRATEGY file_copy TEMPLATE logged");
            statement.execute("BEGIN");
            statement.execute("INSERT INTO placed VALUES (77777)");
            statement.execute("PREPARE TRANSACTION 'waits'");
            statement.execute("CHECKPOINT");
            statement.execute("DELETE FROM placed WHERE id % 3 = 0");
        }
    }

    /** An exclusive backup's steps without its tool: the files are copied while the server runs. */
    private static void backUp(final PostgresServer server, final Path base) throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('test', true)");
            server.execute("UPDATE before_backup SET v = v || 'x' WHERE id % 2 = 0");
            copy(server.dataDirectory(), base);
            Files.delete(base.resolve("postmaster.pid"));
            server.execute("DELETE FROM before_backup WHERE id > 4000");
            server.execute("VACUUM before_backup");
            try (var rows = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                rows.next();
                Files.writeString(base.resolve("backup_label"), rows.getString(1));
            }
        }
    }

    private static void copy(final Path from, final Path to) throws IOException, InterruptedException {
        final Process copying = new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(copying.waitFor()).isZero();
    }

    private static void assertVerified(final int major, final Path base, final Path wal, final String memory)
            throws Exception {
        final FirnProcess.Result result = FirnProcess.run(
                "wal", "verify", "--json", "--memory", memory, "--base", base.toString(), "--wal", wal.toString());
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        final JsonNode document = result.json();
        assertThat(document.fieldNames())
                .toIterable()
                .contains(
                        "version",
                        "walBytes",
                        "records",
                        "imagesCompared",
                        "mismatches",
                        "unsupported",
                        "seconds",
                        "firstMismatch");
        assertThat(document.get("version").asInt()).isEqualTo(major);
        assertThat(document.get("imagesCompared").asInt()).isGreaterThan(20_000);
        assertThat(document.get("mismatches").asInt()).isZero();
        assertThat(document.get("unsupported").asInt()).isZero();
        assertThat(document.get("firstMismatch").isNull()).isTrue();
    }

    private static JsonNode replay(final Path base, final Path wal, final Path to) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(
                "wal",
                "replay",
                "--json",
                "--memory",
                LITTLE_MEMORY,
                "--base",
                base.toString(),
                "--wal",
                wal.toString(),
                "--to",
                to.toString());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.json();
    }

    /** Stock Postgres runs on the outcome, finds the same rows, and its indexes agree with their tables. */
    private void assertServes(final int major, final List<String> expected, final boolean recovers) throws Exception {
        try (PostgresServer server = new PostgresServer(config(major, "replayed"), SystemClock.INSTANCE)) {
            server.adopt();
            server.start();
            final String log = Files.readString(server.logFile());
            assertThat(log.contains("automatic recovery in progress")).as(log).isEqualTo(recovers);
            assertThat(digest(server)).isEqualTo(expected);
            server.query("SELECT bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
                    + " JOIN pg_am a ON a.oid = c.relam WHERE amname = 'btree' AND relpersistence = 'p'");
            if (recovers) {
                assertThat(server.query("SELECT count(*) FROM unlogged")).isEqualTo(List.of(List.of("0")));
            }
            server.execute("COMMIT PREPARED 'waits'");
            assertThat(server.query("SELECT count(*) FROM placed WHERE id = 77777"))
                    .isEqualTo(List.of(List.of("1")));
            server.execute("INSERT INTO t(id) VALUES (9999999)");
            server.stop(StopMode.FAST);
        }
    }

    private static void assertRefusesAFullDirectory(final Path base, final Path wal) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(
                "wal", "replay", "--base", base.toString(), "--wal", wal.toString(), "--to", base.toString());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("is not empty");
        assertThat(base.resolve("PG_VERSION")).exists();
    }

    /** What a client sees of the cluster: databases, tables, their rows and when these were committed. */
    private static List<String> digest(final PostgresServer server) throws SQLException {
        final List<String> seen = new ArrayList<>();
        seen.add(server.query("SELECT datname FROM pg_database ORDER BY 1").toString());
        seen.add(server.query("SELECT spcname FROM pg_tablespace ORDER BY 1").toString());
        seen.add(server.query("SELECT gid FROM pg_prepared_xacts").toString());
        final List<List<String>> tables = server.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND"
                + " relnamespace = 'public'::regnamespace AND relpersistence = 'p' ORDER BY 1");
        for (final List<String> table : tables) {
            seen.add(table.getFirst()
                    + ' '
                    + server.query(
                            "SELECT count(*), md5(string_agg(x::text || coalesce(pg_xact_commit_timestamp(x.xmin)::text,"
                                    + " ''), '|' ORDER BY x::text)) FROM " + table.getFirst() + " x"));
        }
        try (Connection connection = server.connect("again");
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM pg_class")) {
            rows.next();
            seen.add("again " + rows.getString(1));
        }
        return seen;
    }
}
