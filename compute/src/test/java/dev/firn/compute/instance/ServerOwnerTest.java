package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server does not outlive the program that started it, however that ends. */
final class ServerOwnerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path temporary;

    @Test
    void shouldBeGoneWhenItsOwnerIsKilled() throws Exception {
        final PostgresServer server = made();
        final Process owner = owner("wait");
        try (BufferedReader output = owner.inputReader()) {
            final long pid = Long.parseLong(output.readLine());
            assertThat(server.processIds()).contains(pid);

            owner.destroyForcibly().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(processes(server).awaitNone(LIMIT)).isTrue();
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void shouldBeGoneWhenItsOwnerEndsWithoutStoppingIt() throws Exception {
        final PostgresServer server = made();
        final Process owner = owner("end");
        try {
            assertThat(owner.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(owner.exitValue()).isZero();
            assertThat(server.processIds()).isEmpty();
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void shouldNotHearTheTerminalWhenItsOwnerDoes() throws Exception {
        try (PostgresServer server = made()) {
            server.start();
            final String stat = Files.readString(Path.of("/proc/" + server.pid() + "/stat"));
            // After the name in parentheses: state, parent, process group, session; proc(5).
            final List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5));
            assertThat(fields.get(1))
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
            assertThat(fields.subList(2, 4)).containsOnly(Long.toString(server.pid()));
        }
    }

    private PostgresServer made() {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(15), TestPostgres.place(temporary, "server")),
                SystemClock.INSTANCE);
        server.init();
        return server;
    }

    private Process owner(final String mode) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OwnerMain.class.getName(),
                        temporary.resolve("server").toString(),
                        mode))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static ServerProcesses processes(final PostgresServer server) throws Exception {
        return new ServerProcesses(server.dataDirectory().toRealPath(), SystemClock.INSTANCE);
    }
}
