package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.nativeio.seam.SystemClock;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said when a server cannot be made or started; nothing runs afterwards. */
final class ServerFailureTest {
    @TempDir
    Path temporary;

    @Test
    void shouldNameTheSettingWhenItsValueIsBad() {
        final PostgresServer server = made(config().with("shared_buffers", "plenty"));
        assertThatThrownBy(server::start)
                .isInstanceOf(ComputeException.class)
                .hasMessageStartingWith("Postgres 15.")
                .hasMessageContaining("did not start")
                .hasMessageContaining("invalid value for parameter \"shared_buffers\": \"plenty\"");
        assertThat(server.running()).isFalse();
        assertThat(server.processIds()).isEmpty();
    }

    @Test
    void shouldNameTheLocaleWhenThereIsNone() {
        final PostgresServer server = new PostgresServer(
                config().withCluster(ClusterOptions.DEFAULT.withLocale("xx_YY")), SystemClock.INSTANCE);
        assertThatThrownBy(server::init)
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("made no cluster")
                .hasMessageContaining("invalid locale name \"xx_YY\"");
        assertThat(server.initialised()).isFalse();
    }

    @Test
    void shouldNameThePortWhenTheGivenOneIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            final PostgresServer server = made(config().withPort(taken.getLocalPort()));
            assertThatThrownBy(server::start)
                    .isInstanceOf(ComputeException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " is taken");
            assertThat(server.processIds()).isEmpty();
        }
    }

    @Test
    void shouldTakeAnotherPortWhenItsFreeOneIsTakenMeanwhile() throws Exception {
        try (PostgresServer server = made(config())) {
            server.start();
            final int before = server.port();
            server.stop(StopMode.FAST);
            try (ServerSocket taken = new ServerSocket(before, 1, InetAddress.getByName("127.0.0.1"))) {
                server.start();
                assertThat(server.port()).isNotEqualTo(taken.getLocalPort());
                assertThat(server.query("SELECT 1")).containsExactly(List.of("1"));
            }
        }
    }

    @Test
    void shouldSayWhatIsMissingOrThereWhenCalledOutOfTurn() {
        try (PostgresServer server = new PostgresServer(config(), SystemClock.INSTANCE)) {
            assertThatThrownBy(server::start).hasMessageContaining("there is no cluster");
            server.init();
            assertThatThrownBy(server::init).hasMessageContaining("there is a cluster");
            assertThatThrownBy(server::promote).hasMessageContaining("does not run");
            server.start();
            assertThatThrownBy(server::start).hasMessageContaining("runs already");
        }
    }

    @Test
    void shouldRefuseASecondServerWhenOneRunsInTheDirectory() {
        try (PostgresServer first = made(config())) {
            first.start();
            final PostgresServer second = new PostgresServer(config(), SystemClock.INSTANCE);
            assertThatThrownBy(second::start)
                    .isInstanceOf(ComputeException.class)
                    .hasMessageContaining("lock file \"postmaster.pid\" already exists");
            assertThat(first.running()).isTrue();
        }
    }

    @Test
    void shouldNameTheBarrierWhenTheUserCannotEnter() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping()).isTrue();
        final ServerConfig config = config();
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
        final PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE);
        assertThatThrownBy(server::init)
                .isInstanceOf(ComputeException.class)
                .hasMessageContaining("cannot enter " + temporary + ":");
    }

    @Test
    void shouldRefuseASegmentSizeWhenItIsNoPowerOfTwo() {
        assertThatThrownBy(() -> ClusterOptions.DEFAULT.withWalSegmentMiB(12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 12");
    }

    private ServerConfig config() {
        return ServerConfig.of(TestPostgres.binaries(15), TestPostgres.place(temporary, "server"));
    }

    private static PostgresServer made(final ServerConfig config) {
        final PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE);
        server.init();
        return server;
    }
}
