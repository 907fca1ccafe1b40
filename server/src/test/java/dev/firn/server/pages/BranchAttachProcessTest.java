package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.commit.PgBench;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.FirnProcess;
import dev.firn.server.redo.ClusterContents;
import dev.firn.server.redo.PrimaryComparison;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A branch is gone on with by a Postgres of its own, whose commits wait for the quorum, while its parent is written too: both are what
 * their Postgres has, row for row and page for page, also after a page server and a WAL node were killed, as is a branch of the branch.
 * And a Postgres that is not the branch's is turned away.
 */
@Timeout(900)
final class BranchAttachProcessTest {
    private static final int LIMIT_SECONDS = 120;

    /** TPC-B as pgbench has it, with what else makes records of other kinds. */
    private static final String TRANSACTIONS = """
            \\set aid random(1, 100000)
            \\set delta random(-5000, 5000)
            BEGIN;
            UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
            SAVEPOINT one;
            UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = 1 + :aid % 10;
            RELEASE one;
            INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, :aid, :delta, clock_timestamp());
            DELETE FROM pgbench_accounts WHERE aid = :aid + 50000;
            END;
            """;

    @TempDir
    private Path folder;

    private String dir;
    private int restores;

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @Test
    void shouldGoOnWithABranch() throws Exception {
        goOn(17, false);
    }

    @Test
    @Tag("long")
    void shouldGoOnWithABranchOfABranchOf15() throws Exception {
        goOn(15, true);
    }

    @Test
    @Tag("long")
    void shouldGoOnWithABranchOfABranchOf17() throws Exception {
        goOn(17, true);
    }

    private void goOn(final int major, final boolean withTwig) throws Exception {
        try (PostgresServer primary = server(major, "primary");
                PostgresServer dev = server(major, "dev");
                PostgresServer twig = server(major, "twig");
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
            primary.init();
            primary.start();
            final PgBench load = PgBench.find(primary.config().binaries(), System.getenv("PATH"));
            load.initialise(primary, 1);
            final URI root = firn.awaitUp();
            attach(primary, "--name", "main");
            makeSynchronous(primary);
            load.measure(primary, TRANSACTIONS, 2, 1);
            // A branch leaves before the record that ends a segment: behind it are only zeroes.
            final String branchLsn = flushedLsn(primary);
            primary.execute("SELECT pg_switch_wal()");
            final String segmentLsn = flushedLsn(primary);
            final Map<String, String> atBranch = ClusterContents.rows(primary);
            primary.execute("CREATE TABLE only_main AS SELECT g FROM generate_series(1, 1000) g");

            awaitApplied(root, "main", primary);
            // In the midst of the next record is behind the one before it.
            final String within = Lsn.format(Lsn.parse(segmentLsn) + 1);
            final FirnProcess.Result made =
                    FirnProcess.run("branch", "create", "dev", "--at", within, "--dir", dir, "--json");
            assertThat(made.json().path("branchLsn").asText()).isEqualTo(branchLsn);
            start(dev, "dev");
            assertThat(ClusterContents.rows(dev)).isEqualTo(atBranch);
            dev.execute("CREATE TABLE before_attach (g int)");
            // Not as a table is made of a query: that extends the file by more than it logs.
            dev.execute("INSERT INTO before_attach SELECT generate_series(1, 1000)");
            attach(dev, "--branch", "dev");
            makeSynchronous(dev);

            final CompletableFuture<Void> onMain = inBackground(load, primary, 2);
            final CompletableFuture<Void> onDev = inBackground(load, dev, 2);
            killRole("page-server");
            pause(1);
            killRole("wal-node-2");
            onMain.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            onDev.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            primary.execute("TRUNCATE pgbench_history");
            dev.execute("CREATE INDEX ON pgbench_history (aid)");
            awaitApplied(root, "main", primary);
            awaitApplied(root, "dev", dev);
            assertRestoredIsSame(major, "main", primary);
            assertRestoredIsSame(major, "dev", dev);

            if (withTwig) {
                run("branch", "create", "twig", "--from", "dev", "--dir", dir);
                start(twig, "twig");
                attach(twig, "--branch", "twig");
                load.measure(twig, TRANSACTIONS, 1, 1);
                awaitApplied(root, "twig", twig);
                assertRestoredIsSame(major, "twig", twig);
                assertSamePages(root, major, "twig", twig);
            }
            assertSamePages(root, major, "dev", dev);
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    @Tag("long")
    void shouldGoOnWithABranchByAnotherPostgresOf15() throws Exception {
        goOnByAnother(15);
    }

    @Test
    @Tag("long")
    void shouldGoOnWithABranchByAnotherPostgresOf17() throws Exception {
        goOnByAnother(17);
    }

    /** One Postgres after the other writes to a branch: each begins where the one before ended, and none may come back. */
    private void goOnByAnother(final int major) throws Exception {
        try (PostgresServer primary = server(major, "primary");
                PostgresServer first = server(major, "first");
                PostgresServer second = server(major, "second");
                PostgresServer third = server(major, "third");
                PostgresServer stranger = server(major, "stranger")) {
            primary.init();
            primary.start();
            final PgBench load = PgBench.find(primary.config().binaries(), System.getenv("PATH"));
            load.initialise(primary, 1);
            final long acknowledged;
            try (FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
                final URI root = firn.awaitUp();
                attach(primary, "--name", "main");
                primary.execute("CREATE TABLE counted (n bigint)");
                awaitApplied(root, "main", primary);
                run("branch", "create", "dev", "--dir", dir);
                start(first, "dev");
                assertRefused(
                        "there is a branch dev already", "attach", conninfo(first), "--name", "dev", "--dir", dir);
                assertRefused("there is no branch none", "attach", conninfo(first), "--branch", "none", "--dir", dir);
                stranger.init();
                stranger.start();
                assertRefused("is another cluster", "attach", conninfo(stranger), "--branch", "dev", "--dir", dir);
                assertRefused(
                        "is followed as main already", "attach", conninfo(primary), "--branch", "dev", "--dir", dir);
                attach(first, "--branch", "dev");
                makeSynchronous(first);
                assertRefused("a Postgres is attached to the branch dev", "branch", "delete", "dev", "--dir", dir);
                acknowledged = countUntilKilled(load, first);
                run("detach", "dev", "--dir", dir);
                assertThat(timeline(root, "dev").path("receiver").isObject()).isFalse();
                start(second, "dev");
                attach(second, "--branch", "dev");
                makeSynchronous(second);
                assertThat(counted(second)).isGreaterThanOrEqualTo(acknowledged);
                load.measure(second, TRANSACTIONS, 2, 2);
                second.execute("SELECT pg_switch_wal()");
                load.measure(second, TRANSACTIONS, 2, 2);
                awaitApplied(root, "dev", second);
                assertRestoredIsSame(major, "dev", second);

                // The first comes back, with commits that the branch does not have, or lacks some that it has.
                run("detach", "dev", "--dir", dir);
                first.start();
                first.execute("ALTER SYSTEM RESET synchronous_standby_names");
                first.execute("SELECT pg_reload_conf()");
                assertRefused(" that of the branch dev", "attach", conninfo(first), "--branch", "dev", "--dir", dir);
                first.execute("SELECT pg_logical_emit_message(true, 'far', repeat('x', 64000000))");
                assertRefused(
                        "differs from that of the branch dev",
                        "attach",
                        conninfo(first),
                        "--branch",
                        "dev",
                        "--dir",
                        dir);
                first.stop(StopMode.FAST);
                attach(second, "--branch", "dev");
                load.measure(second, TRANSACTIONS, 2, 1);
                awaitApplied(root, "dev", second);
                assertThat(Path.of(dir, "objects/timelines/dev/wal")).isNotEmptyDirectory();
                firn.signal("TERM");
                assertThat(firn.awaitEnd().exitCode()).isZero();
            }
            // All roles anew, and what the page server keeps on its disk is lost.
            delete(Path.of(dir, "page-server"));
            try (FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
                final URI root = firn.awaitUp();
                load.measure(second, TRANSACTIONS, 2, 1);
                primary.execute("CREATE TABLE later AS SELECT g FROM generate_series(1, 1000) g");
                awaitApplied(root, "dev", second);
                awaitApplied(root, "main", primary);
                assertRestoredIsSame(major, "dev", second);
                second.execute("ALTER SYSTEM RESET synchronous_standby_names");
                second.execute("SELECT pg_reload_conf()");
                second.stop(StopMode.FAST);
                run("detach", "dev", "--dir", dir);
                start(third, "dev");
                attach(third, "--branch", "dev");
                load.measure(third, TRANSACTIONS, 2, 1);
                run("branch", "create", "twig", "--from", "dev", "--dir", dir);
                run("detach", "dev", "--dir", dir);
                assertRefused("the branch twig is one of dev", "branch", "delete", "dev", "--dir", dir);
                assertRefused("the branch twig is one of dev", "detach", "dev", "--purge", "--dir", dir);
                assertRefused("the branch dev is one of main", "detach", "main", "--purge", "--dir", dir);
                run("branch", "delete", "twig", "--dir", dir);
                run("branch", "delete", "dev", "--dir", dir);
                assertThat(Path.of(dir, "objects/timelines/dev")).doesNotExist();
                assertThat(names(root)).containsExactly("main");
                assertRestoredIsSame(major, "main", primary);
                firn.signal("TERM");
                assertThat(firn.awaitEnd().exitCode()).isZero();
            }
        }
    }

    @Test
    @Tag("long")
    void shouldGoOnWithAPromotedStandbyOfABranchOf15() throws Exception {
        goOnByPromoted(15);
    }

    @Test
    @Tag("long")
    void shouldGoOnWithAPromotedStandbyOfABranchOf17() throws Exception {
        goOnByPromoted(17);
    }

    /** A branch changes over to another of Postgres' timelines, in its own log; what is restored from either side of that is right. */
    private void goOnByPromoted(final int major) throws Exception {
        try (PostgresServer primary = server(major, "primary");
                PostgresServer first = server(major, "first");
                PostgresServer twig = server(major, "twig");
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
            primary.init();
            primary.start();
            final PgBench load = PgBench.find(primary.config().binaries(), System.getenv("PATH"));
            load.initialise(primary, 1);
            final URI root = firn.awaitUp();
            attach(primary, "--name", "main");
            awaitApplied(root, "main", primary);
            run("branch", "create", "dev", "--dir", dir);
            start(first, "dev");
            attach(first, "--branch", "dev");
            load.measure(first, TRANSACTIONS, 2, 1);
            awaitApplied(root, "dev", first);
            try (PostgresServer standby = standby(major, "standby", first)) {
                load.measure(first, TRANSACTIONS, 2, 1);
                final String beforeLsn = flushedLsn(first);
                final Map<String, String> before = ClusterContents.rows(first);
                awaitApplied(root, "dev", first);
                first.stop(StopMode.FAST);
                standby.promote();
                run("detach", "dev", "--dir", dir);
                attach(standby, "--branch", "dev");
                load.measure(standby, TRANSACTIONS, 2, 1);
                awaitApplied(root, "dev", standby);
                assertRestoredIsSame(major, "dev", standby);

                run("branch", "create", "early", "--from", "dev", "--at", beforeLsn, "--dir", dir);
                try (PostgresServer early = server(major, "early")) {
                    start(early, "early");
                    assertThat(ClusterContents.rows(early)).isEqualTo(before);
                    attach(early, "--branch", "early");
                    load.measure(early, TRANSACTIONS, 1, 1);
                    awaitApplied(root, "early", early);
                    assertRestoredIsSame(major, "early", early);
                }
                run("branch", "create", "twig", "--from", "dev", "--dir", dir);
                start(twig, "twig");
                attach(twig, "--branch", "twig");
                load.measure(twig, TRANSACTIONS, 1, 1);
                twig.execute("CHECKPOINT");
                standby.execute("CHECKPOINT");
                load.measure(standby, TRANSACTIONS, 1, 1);
                awaitApplied(root, "twig", twig);
                awaitApplied(root, "dev", standby);
                assertRestoredIsSame(major, "twig", twig);
                assertRestoredIsSame(major, "dev", standby);
            }
            // All of it goes, on either side of the change, and main stays; then that goes too.
            for (final String name : List.of("twig", "early", "dev")) {
                run("detach", name, "--dir", dir);
                run("branch", "delete", name, "--dir", dir);
                assertThat(Path.of(dir, "objects/timelines", name)).doesNotExist();
            }
            load.measure(primary, TRANSACTIONS, 2, 1);
            awaitApplied(root, "main", primary);
            assertRestoredIsSame(major, "main", primary);
            run("detach", "main", "--purge", "--dir", dir);
            assertThat(Path.of(dir, "objects/timelines/main")).doesNotExist();
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    /** A standby of a branch's Postgres: what is restored of the branch, and streams from there on. */
    private PostgresServer standby(final int major, final String name, final PostgresServer of) throws Exception {
        final PostgresServer standby = new PostgresServer(
                server(major, name).config().with("primary_conninfo", conninfo(of)), SystemClock.INSTANCE);
        run("restore", "--branch", "dev", "--to", standby.dataDirectory().toString(), "--dir", dir);
        Files.createFile(standby.dataDirectory().resolve("standby.signal"));
        standby.adopt();
        standby.start();
        return standby;
    }

    /** Commits one after the other, and others beside, until the server is killed in their midst; how many were acknowledged. */
    private static long countUntilKilled(final PgBench load, final PostgresServer server) throws Exception {
        final CompletableFuture<Void> beside = inBackground(load, server, 20);
        long done = 0;
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 500; i++) {
                statement.execute("INSERT INTO counted VALUES (" + i + ")");
                done++;
            }
        }
        server.crash();
        assertThat(beside.handle((_, failure) -> failure != null).get(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        return done;
    }

    private static long counted(final PostgresServer server) throws Exception {
        return Long.parseLong(
                server.query("SELECT count(*) FROM counted").getFirst().getFirst());
    }

    private static List<String> names(final URI root) throws Exception {
        final List<String> names = new ArrayList<>();
        FirnProcess.json(FirnProcess.get(root.resolve("status")))
                .path("timelines")
                .forEach(timeline -> names.add(timeline.path("name").asText()));
        return names;
    }

    private static void delete(final Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static CompletableFuture<Void> inBackground(
            final PgBench load, final PostgresServer server, final long seconds) {
        return CompletableFuture.runAsync(() -> {
            try {
                load.measure(server, TRANSACTIONS, 2, seconds);
            } catch (final Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void pause(final int seconds) throws InterruptedException {
        assertThat(new Semaphore(0).tryAcquire(seconds, TimeUnit.SECONDS)).isFalse();
    }

    private static void makeSynchronous(final PostgresServer server) throws Exception {
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'firn'");
        server.execute("SELECT pg_reload_conf()");
        // Each session reads it for itself, a moment later.
        for (int i = 0; i < LIMIT_SECONDS * 10; i++) {
            if (server.query("SHOW synchronous_standby_names")
                    .getFirst()
                    .getFirst()
                    .equals("firn")) {
                return;
            }
        }
        throw new AssertionError("the configuration was not read again");
    }

    /** Restores a branch and starts a Postgres on it; its commits wait for nobody yet. */
    private void start(final PostgresServer server, final String branch) throws Exception {
        run("restore", "--branch", branch, "--to", server.dataDirectory().toString(), "--dir", dir);
        server.adopt();
        server.start();
    }

    private void assertRestoredIsSame(final int major, final String branch, final PostgresServer live)
            throws Exception {
        final Map<String, String> expected = ClusterContents.rows(live);
        try (PostgresServer restored = server(major, "restored-" + branch + "-" + restores++)) {
            start(restored, branch);
            assertThat(ClusterContents.rows(restored)).as(branch).isEqualTo(expected);
            assertThat(restored.logTail(1_000))
                    .noneMatch(line -> line.contains("ERROR:") || line.contains("FATAL:") || line.contains("PANIC:"));
        }
    }

    /** The pages of all relations as a Postgres that was shut down has them, and as they are restored. */
    private void assertSamePages(final URI root, final int major, final String branch, final PostgresServer live)
            throws Exception {
        live.execute("ALTER SYSTEM RESET synchronous_standby_names");
        live.execute("SELECT pg_reload_conf()");
        final Map<String, String> kinds = PrimaryComparison.kinds(live);
        live.stop(StopMode.FAST);
        final Path made = folder.resolve("pages-of-" + branch);
        final String lsn = checkpointEnd(live, root, branch);
        run("restore", "--branch", branch, "--at", lsn, "--to", made.toString(), "--dir", dir);
        final PrimaryComparison comparison = new PrimaryComparison(
                PostgresVersion.ofMajor(major), live.dataDirectory(), live.dataDirectory(), made, kinds);
        assertThat(comparison.differences()).as(branch).isEmpty();
        assertThat(comparison.pages()).isGreaterThan(2_000);
    }

    /** Where a server that was shut down has ended: all of it is applied, as it waits for that. */
    private String checkpointEnd(final PostgresServer stopped, final URI root, final String branch) throws Exception {
        assertThat(stopped.running()).isFalse();
        String before = "";
        for (int i = 0; i < LIMIT_SECONDS; i++) {
            final JsonNode timeline = timeline(root, branch);
            final String applied = timeline.path("appliedLsn").asText();
            if (applied.equals(before)
                    && applied.equals(timeline.path("commitLsn").asText())) {
                return applied;
            }
            before = applied;
            pause(1);
        }
        throw new AssertionError("never came to rest: " + timeline(root, branch));
    }

    private void attach(final PostgresServer server, final String option, final String name) throws Exception {
        run("attach", conninfo(server), option, name, "--dir", dir);
    }

    private static String conninfo(final PostgresServer server) {
        return "user=postgres host=127.0.0.1 port=" + server.port();
    }

    /** Neither vacuums by itself: what catalogs say of tables is to be the same. */
    private PostgresServer server(final int major, final String name) {
        return new PostgresServer(
                ServerConfig.of(
                                BinariesFinder.ofThisMachine(System.err::println)
                                        .find(major),
                                folder.resolve(name))
                        .with("autovacuum", "off"),
                SystemClock.INSTANCE);
    }

    private void killRole(final String role) throws IOException {
        final long pid = new ObjectMapper()
                .readTree(Files.readString(Path.of(dir, role, "role.json")))
                .get("pid")
                .asLong();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private static String flushedLsn(final PostgresServer server) throws Exception {
        return server.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst();
    }

    private static void run(final String... command) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(command);
        assertThat(result.exitCode())
                .as("%s: %s", List.of(command), result.err())
                .isZero();
    }

    private static void assertRefused(final String reason, final String... command) throws Exception {
        final FirnProcess.Result refused = FirnProcess.run(command);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(refused.err()).startsWith("firn: ").contains(reason).hasLineCount(1);
    }

    private static JsonNode timeline(final URI root, final String name) throws Exception {
        for (final JsonNode found :
                FirnProcess.json(FirnProcess.get(root.resolve("status"))).path("timelines")) {
            if (found.path("name").asText().equals(name)) {
                return found;
            }
        }
        throw new AssertionError("there is no timeline " + name);
    }

    /** All that a server has flushed by now. */
    private static void awaitApplied(final URI root, final String name, final PostgresServer server) throws Exception {
        final String lsn = flushedLsn(server);
        final Semaphore never = new Semaphore(0);
        JsonNode timeline = null;
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            timeline = timeline(root, name);
            if (timeline.path("appliedLsn").isTextual()
                    && Lsn.parse(timeline.path("appliedLsn").asText()) >= Lsn.parse(lsn)) {
                return;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never applied " + lsn + ": " + timeline);
    }
}
