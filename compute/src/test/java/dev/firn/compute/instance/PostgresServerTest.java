package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldServeAClusterOfTheOptionsAskedForWhenMadeAndStarted(final int major) throws Exception {
        final ServerConfig config = config(major, "server")
                .withCluster(ClusterOptions.DEFAULT
                        .withLocale("C")
                        .withEncoding("LATIN1")
                        .withChecksums(false)
                        .withWalSegmentMiB(1))
                .with("wal_level", "logical")
                .with("work_mem", "7MB");
        try (PostgresServer server = server(config)) {
            server.init();
            server.start();

            assertThat(server.query("SELECT current_setting('server_version_num')::int / 10000"))
                    .containsExactly(List.of(Integer.toString(major)));
            assertThat(server.query("SELECT current_setting('data_checksums'), current_setting('wal_segment_size'),"
                            + " current_setting('wal_level'), current_setting('work_mem'), datcollate,"
                            + " pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres'"))
                    .containsExactly(List.of("off", "1MB", "logical", "7MB", "C", "LATIN1"));
            assertThat(server.connectionString())
                    .isEqualTo("postgresql://postgres@127.0.0.1:" + server.port() + "/postgres");
            assertThat(Files.getPosixFilePermissions(server.socketDirectory()))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(Files.getOwner(Path.of("/proc/" + server.pid())).getName())
                    .isNotEqualTo("root");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldNotRecoverWhenStoppedBefore(final int major) throws Exception {
        try (PostgresServer server = started(config(major, "server"))) {
            server.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
            final List<Long> processes = server.processIds();
            assertThat(processes).contains(server.pid()).hasSizeGreaterThan(3);

            server.stop(StopMode.FAST);
            assertThat(server.running()).isFalse();
            assertThat(server.processIds()).isEmpty();
            assertThat(processes).noneMatch(PostgresServerTest::alive);
            assertThat(server.socketDirectory()).isEmptyDirectory();

            server.start();
            assertThat(log(server)).doesNotContain("automatic recovery in progress");
            assertThat(server.query("SELECT count(*) FROM t")).containsExactly(List.of("1000"));
            server.restart(StopMode.IMMEDIATE);
            assertThat(log(server)).contains("automatic recovery in progress");
            assertThat(server.query("SELECT count(*) FROM t")).containsExactly(List.of("1000"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldKeepWhatWasCommittedWhenCrashed(final int major) throws Exception {
        try (PostgresServer server = started(config(major, "server"))) {
            server.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
            final List<Long> processes = server.processIds();
            final String guard = guard(server);
            assertThat(guards()).contains(guard);
            assertThat(Files.readString(Path.of("/proc/" + server.pid() + "/maps")))
                    .doesNotContain("/dev/shm/PostgreSQL");

            server.crash();
            assertThat(server.processIds()).isEmpty();
            assertThat(processes).noneMatch(PostgresServerTest::alive);
            assertThat(guards()).doesNotContain(guard);

            server.start();
            assertThat(log(server)).contains("automatic recovery in progress");
            assertThat(server.query("SELECT count(*) FROM t")).containsExactly(List.of("1000"));
        }
    }

    @Test
    void shouldStartAgainWhenItsPostmasterWasKilledByAnother() throws Exception {
        try (PostgresServer server = started(config(15, "server"));
                Connection session = server.connect()) {
            assertThat(session.isValid(1)).isTrue();
            final String guard = guard(server);
            final ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
            postmaster.destroyForcibly();
            postmaster.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);

            assertThat(server.running()).isFalse();
            server.start();
            assertThat(server.query("SELECT 1")).containsExactly(List.of("1"));
            assertThat(guards()).doesNotContain(guard).contains(guard(server));
        }
    }

    @Test
    void shouldLeaveNothingWhenItsPostmasterWasKilledByAnother() throws Exception {
        try (PostgresServer server = started(config(15, "server"));
                Connection session = server.connect();
                Statement statement = session.createStatement()) {
            // A process with much memory takes long to end, and shares the segment until it has given all of it back.
            statement.execute("SELECT length(set_config('much.memory', repeat('x', 400000000), false))");
            final String guard = guard(server);
            assertThat(guards()).contains(guard);
            final ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
            postmaster.destroyForcibly();
            postmaster.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);

            server.stop(StopMode.FAST);
            assertThat(server.processIds()).isEmpty();
            assertThat(guards()).doesNotContain(guard);
        }
    }

    @Test
    void shouldKeepApartWhenTwoRunAtOnce() throws Exception {
        try (PostgresServer first = started(config(15, "first"));
                PostgresServer second = started(config(17, "second"))) {
            first.execute("CREATE TABLE only_here ()");
            assertThat(first.port()).isNotEqualTo(second.port());
            assertThat(second.query("SELECT to_regclass('only_here')").getFirst())
                    .containsExactly((String) null);
            final List<Long> others = second.processIds();

            first.crash();
            assertThat(second.processIds()).containsAll(others.subList(0, 1));
            assertThat(second.query("SELECT 1")).containsExactly(List.of("1"));
        }
    }

    @Test
    void shouldPromoteWhenItIsAStandby() throws Exception {
        try (PostgresServer server = server(config(17, "server"))) {
            server.init();
            Files.createFile(server.dataDirectory().resolve("standby.signal"));
            server.adopt();
            server.start();
            assertThat(server.query("SELECT pg_is_in_recovery()")).containsExactly(List.of("t"));

            server.promote();
            assertThat(server.query("SELECT pg_is_in_recovery()")).containsExactly(List.of("f"));
        }
    }

    @Test
    void shouldCountAsStartedWhenItIsAStandbyThatTakesNoSessions() throws Exception {
        try (PostgresServer server = server(config(15, "server").with("hot_standby", "off"))) {
            server.init();
            Files.createFile(server.dataDirectory().resolve("standby.signal"));
            server.adopt();
            server.start();
            assertThat(server.running()).isTrue();
        }
    }

    @Test
    void shouldRunAClientAgainstItWhenTheBinariesHaveOne() {
        final ServerConfig config = config(15, "server");
        try (PostgresServer server = started(config)) {
            if (config.binaries().has("pg_isready")) {
                final ShortCommand.Result result = server.run("pg_isready");
                assertThat(result.output()).contains(server.socketDirectory().toString(), "accepting connections");
                assertThat(result.exitCode()).isZero();
            } else {
                assertThatThrownBy(() -> server.run("pg_isready"))
                        .isInstanceOf(ComputeException.class)
                        .hasMessageContaining("comes without pg_isready");
            }
        }
    }

    @Test
    void shouldRunAsNobodyWhenThereIsNoUserPostgres() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping()).isTrue();
        final UnprivilegedUser nobody = UnprivilegedUser.among(List.of("no-such-user", "nobody"));
        assertThat(nobody.name()).isEqualTo("nobody");
        try (PostgresServer server = new PostgresServer(config(17, "server"), SystemClock.INSTANCE, nobody)) {
            server.init();
            server.start();
            assertThat(Files.getOwner(Path.of("/proc/" + server.pid())).getName())
                    .isEqualTo("nobody");
            assertThat(server.query("SELECT 1")).containsExactly(List.of("1"));
        }
    }

    @Test
    void shouldSayThatItRunsOnWhenASessionOutlastsASmartStop() throws Exception {
        final ServerConfig config = config(15, "server").withLimits(LIMIT, Duration.ofSeconds(1));
        try (PostgresServer server = started(config);
                Connection session = server.connect()) {
            assertThatThrownBy(() -> server.stop(StopMode.SMART))
                    .isInstanceOf(ComputeException.class)
                    .hasMessageContaining("did not stop within 1 s of a smart stop, and runs on");
            assertThat(server.running()).isTrue();
            assertThat(session.isValid(1)).isTrue();
            server.close();
            assertThat(server.processIds()).isEmpty();
        }
    }

    @Test
    void shouldPutItsSocketElsewhereWhenItsPathIsTooLong() {
        final Path deep = Path.of("d".repeat(100));
        try (PostgresServer server = started(config(15, deep.toString()))) {
            final Path socket = server.socketDirectory();
            assertThat(socket).isNotEmptyDirectory();
            assertThat(socket.startsWith(temporary)).isFalse();
            server.stop(StopMode.FAST);
            assertThat(socket).doesNotExist();
        }
    }

    /** The kernel takes paths of 107 bytes, the JDK of 106: on the edge Postgres listens, and we must still reach it. */
    @ParameterizedTest
    @ValueSource(ints = {106, 107})
    void shouldReachItsSocketWhenItsPathIsAsLongAsCanBe(final int bytes) throws Exception {
        final int others = TestPostgres.place(temporary, "d")
                .resolve("socket/.s.PGSQL.65535")
                .toString()
                .length();
        try (PostgresServer server = started(config(15, "d".repeat(bytes - others + 1)))) {
            assertThat(server.query("SELECT 1")).containsExactly(List.of("1"));
        }
    }

    private ServerConfig config(final int major, final String name) {
        return ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, name));
    }

    private static PostgresServer server(final ServerConfig config) {
        return new PostgresServer(config, SystemClock.INSTANCE);
    }

    private static PostgresServer started(final ServerConfig config) {
        final PostgresServer server = server(config);
        server.init();
        server.start();
        return server;
    }

    private static String log(final PostgresServer server) {
        return String.join("\n", server.logTail(Integer.MAX_VALUE));
    }

    /** The id of a server's System V segment. */
    private static String guard(final PostgresServer server) {
        return PidFile.read(server.dataDirectory())
                .flatMap(PidFile::sharedMemoryId)
                .orElseThrow();
    }

    /** The ids of this machine's System V segments; proc(5). */
    private static List<String> guards() throws IOException {
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .skip(1)
                .map(line -> line.strip().split("\\s+", 3)[1])
                .toList();
    }

    private static boolean alive(final long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent() && !zombie(pid);
    }

    /** Orphans stay so where process 1 reaps nobody, as in some containers. */
    private static boolean zombie(final long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (final IOException e) {
            return true;
        }
    }
}
