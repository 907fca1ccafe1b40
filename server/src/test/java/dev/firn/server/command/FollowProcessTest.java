package dev.firn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Follow mode as a person meets it: real processes, a real Postgres whose commits wait for the quorum. */
@Timeout(600)
class FollowProcessTest {

    @TempDir
    private Path folder;

    private String dir;

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @Test
    void shouldKeepCommittingWhileANodeIsKilledAndGoOnAfterDown() throws Exception {
        try (PostgresServer postgres = start(17)) {
            try (FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
                final URI root = firn.awaitUp();
                final FirnProcess.Result attached =
                        FirnProcess.run("attach", conninfo(postgres), "--dir", dir, "--json");
                assertThat(attached.exitCode()).as(attached.err()).isZero();
                assertThat(attached.json().get("slot").asText()).isEqualTo("firn_main");
                makeCommitsWait(postgres);
                postgres.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id");
                final JsonNode timeline = awaitTimeline(
                        root, its -> !its.path("commitLsn").asText("").isEmpty());
                assertThat(timeline.get("receiver").get("state").asText()).isEqualTo("streaming");
                assertThat(timeline.get("parent").isNull()).isTrue();

                final long killed = pidOf("wal-node-2");
                assertThat(ProcessHandle.of(killed).orElseThrow().destroyForcibly())
                        .isTrue();
                postgres.execute("INSERT INTO kept SELECT generate_series(1001, 2000)");
                FirnProcess.awaitStatus(root, status -> caughtUp(status, killed));
                assertThat(FirnProcess.get(root.resolve("metrics")).body())
                        .contains("firn_receiver_up{timeline=\"main\"} 1.0\n")
                        .containsPattern("firn_wal_node_quorum_lag_bytes\\{node=\"2\",timeline=\"main\"\\} ")
                        .containsPattern("firn_wal_node_flush_seconds_count\\{node=\"1\"\\} [1-9]");

                final FirnProcess.Result down = FirnProcess.run("down", "--dir", dir);
                assertThat(down.exitCode()).as(down.err()).isZero();
                assertThat(firn.awaitEnd().exitCode()).isZero();
            }
            try (FirnProcess again = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
                awaitTimeline(
                        again.awaitUp(),
                        its -> its.path("receiver").path("state").asText().equals("streaming"));
                postgres.execute("INSERT INTO kept SELECT generate_series(2001, 3000)");
                assertThat(rowsOfAStockPostgresOnWhatFirnHolds(17)).isEqualTo("3000");

                postgres.execute("ALTER SYSTEM RESET synchronous_standby_names");
                postgres.execute("SELECT pg_reload_conf()");
                final FirnProcess.Result detached = FirnProcess.run("detach", "main", "--dir", dir);
                assertThat(detached.exitCode()).as(detached.err()).isZero();
                assertThat(postgres.query("SELECT count(*) FROM pg_replication_slots"))
                        .containsExactly(List.of("0"));
                again.signal("TERM");
                assertThat(again.awaitEnd().exitCode()).isZero();
            }
        }
    }

    @Test
    void shouldSayInOneSentenceWhatCannotBeFollowedAndLeaveNothing() throws Exception {
        try (PostgresServer postgres = start(15);
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            firn.awaitUp();
            postgres.execute("CREATE ROLE walker REPLICATION LOGIN PASSWORD 'right'");
            assertRefused("password authentication failed", "user=walker password=wrong" + at(postgres));
            assertRefused("", "host=127.0.0.1 port=1 user=postgres");
            assertThat(postgres.query("SELECT count(*) FROM pg_replication_slots"))
                    .containsExactly(List.of("0"));
            assertThat(folder.resolve("data/attachments/main")).doesNotExist();

            final FirnProcess.Result attached =
                    FirnProcess.run("attach", "user=walker password=right" + at(postgres), "--dir", dir);
            assertThat(attached.exitCode()).as(attached.err()).isZero();
            assertThat(attached.out()).contains("ALTER SYSTEM SET synchronous_standby_names = 'firn';");
            assertRefused("there is an attachment main already", conninfo(postgres));
            final FirnProcess.Result twice =
                    FirnProcess.run("attach", conninfo(postgres), "--name", "other", "--dir", dir);
            assertThat(twice.exitCode()).isEqualTo(1);
            assertThat(twice.err()).contains("is attached already, as main");

            postgres.execute("CREATE TABLE t (i int)");
            final FirnProcess.Result detached = FirnProcess.run("detach", "main", "--purge", "--dir", dir);
            assertThat(detached.exitCode()).as(detached.err()).isZero();
            assertThat(postgres.query("SELECT count(*) FROM pg_replication_slots"))
                    .containsExactly(List.of("0"));
            assertThat(folder.resolve("data/objects/timelines/main/timeline.json"))
                    .doesNotExist();
            final FirnProcess.Result unknown = FirnProcess.run("detach", "main", "--dir", dir);
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.err())
                    .startsWith("firn: there is no attachment main")
                    .hasLineCount(1);
            assertThat(firn.err()).doesNotContain("wrong").doesNotContain("password=right");
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    private void assertRefused(final String reason, final String conninfo) throws Exception {
        final FirnProcess.Result refused = FirnProcess.run("attach", conninfo, "--dir", dir);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).startsWith("firn: ").contains(reason).hasLineCount(1);
    }

    private PostgresServer start(final int major) throws IOException {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), folder.resolve("pg" + major)),
                SystemClock.INSTANCE);
        server.init();
        final Path access = server.dataDirectory().resolve("pg_hba.conf");
        Files.writeString(access, """
                local all all trust
                local replication all trust
                host all postgres 127.0.0.1/32 trust
                host replication postgres 127.0.0.1/32 trust
                host replication walker 127.0.0.1/32 scram-sha-256
                """, StandardOpenOption.TRUNCATE_EXISTING);
        server.adopt();
        server.start();
        return server;
    }

    private static String at(final PostgresServer postgres) {
        return " host=127.0.0.1 port=" + postgres.port();
    }

    private static String conninfo(final PostgresServer postgres) {
        return "user=postgres" + at(postgres);
    }

    private static void makeCommitsWait(final PostgresServer postgres) throws Exception {
        postgres.execute("ALTER SYSTEM SET synchronous_standby_names = 'firn'");
        postgres.execute("SELECT pg_reload_conf()");
    }

    private long pidOf(final String role) throws IOException {
        final JsonNode found = new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(Files.readString(Path.of(dir, role, "role.json")));
        return found.get("pid").asLong();
    }

    /** The killed node is another process, and has all that is committed. */
    private boolean caughtUp(final JsonNode status, final long killed) {
        final JsonNode node = status.path("walNodes").path(1);
        final String committed =
                status.path("timelines").path(0).path("commitLsn").asText();
        return node.path("state").asText().equals("up")
                && node.path("restarts").asInt() > 0
                && !ProcessHandle.of(killed).map(ProcessHandle::isAlive).orElse(false)
                && node.path("flushLsn").asText().equals(committed);
    }

    private static JsonNode awaitTimeline(final URI root, final Predicate<JsonNode> condition) throws Exception {
        return FirnProcess.awaitStatus(
                        root, status -> condition.test(status.path("timelines").path(0)))
                .path("timelines")
                .path(0);
    }

    /** From base backup and WAL alone: what was acknowledged is what counts. */
    private String rowsOfAStockPostgresOnWhatFirnHolds(final int major) throws Exception {
        final PostgresServer restored = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), folder.resolve("restored")),
                SystemClock.INSTANCE);
        final String data = restored.dataDirectory().toString();
        final FirnProcess.Result backup = FirnProcess.run("backup", "fetch", "--dir", dir, "--to", data);
        assertThat(backup.exitCode()).as(backup.err()).isZero();
        final FirnProcess.Result wal =
                FirnProcess.run("wal", "fetch", "--dir", dir, "--output", data + "/pg_wal", "--json");
        assertThat(wal.exitCode()).as(wal.err()).isZero();
        assertThat(wal.json().get("files").asInt()).isPositive();
        Files.writeString(
                restored.dataDirectory().resolve("postgresql.auto.conf"), "", StandardOpenOption.TRUNCATE_EXISTING);
        try (restored) {
            restored.adopt();
            restored.start();
            return restored.query("SELECT count(*) FROM kept").getFirst().getFirst();
        }
    }
}
