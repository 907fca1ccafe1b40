package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.authentication.PeerSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A media driver in a process of its own, and what becomes of its clients when it is killed. */
final class StandaloneDriverTest {
    private static final long STANDSTILL_NS = TimeUnit.MILLISECONDS.toNanos(7_500);

    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final List<Process> processes = new ArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[64]);

    @AfterEach
    void shouldLeaveNothingBehind() throws InterruptedException {
        for (final Process process : processes) {
            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Path name() {
        return parent.resolve("host");
    }

    private Process start(final Class<?> main, final String... arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Returns when the driver runs. */
    private Process driverProcess() {
        try {
            final Process process = start(DriverHolder.class, "power-saving", name().toString());
            final BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            assertThat(output.readLine()).isEqualTo("media driver in " + name());
            return process;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void exchange(final AeronEndpoint from, final AeronEndpoint to, final UnsafeBuffer message) {
        final int[] delivered = {0};
        Wait.until("a message is there", () -> {
            from.send(to.nodeId(), message, 0, 64);
            from.poll((source, buffer, offset, length) -> {}, 10);
            return to.poll((source, buffer, offset, length) -> delivered[0]++, 10) > 0;
        });
    }

    @Test
    void shouldSayWithinSecondsThatItIsGoneWhenItsProcessIsKilledAndServeAgainWhenItIsBack() throws Exception {
        final Process killed = driverProcess();
        try (AeronNetwork first = Secrets.network(Wait.ipcTable(2), DriverChoice.standalone(name()), 1);
                AeronNetwork second = Secrets.network(Wait.ipcTable(2), DriverChoice.standalone(name()), 1)) {
            final AeronEndpoint zero = first.open(0);
            final AeronEndpoint one = second.open(1);
            exchange(zero, one, message);
            assertThat(first.alive()).isTrue();

            killed.destroyForcibly();
            assertThat(killed.waitFor(20, TimeUnit.SECONDS)).isTrue();
            final long killedNs = SystemClock.INSTANCE.nanoTime();
            assertThatIllegalStateException()
                    .isThrownBy(() -> Wait.until("polls fail", () -> {
                        one.poll((source, buffer, offset, length) -> {}, 10);
                        return false;
                    }))
                    .withMessage("the media driver in " + DriverDirectory.driverIn(name()) + " is gone");
            assertThatIllegalStateException()
                    .isThrownBy(() -> Wait.until("sends fail", () -> zero.send(1, message, 0, 64) == SendResult.CLOSED))
                    .withMessageEndingWith(" is gone");
            assertThat(SystemClock.INSTANCE.nanoTime() - killedNs)
                    .as("not the time-out of one that hangs")
                    .isLessThan(TimeUnit.MILLISECONDS.toNanos(AeronNetwork.DRIVER_TIMEOUT_MS / 2));
            assertThat(second.alive()).isFalse();
        }

        final Process next = driverProcess();
        try (AeronNetwork again = Secrets.network(Wait.ipcTable(2), DriverChoice.standalone(name()), 1)) {
            exchange(again.open(0), again.open(1), message);
        }
        next.outputWriter().close();
        assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void shouldRefuseWhenAnotherRunsInTheSameDirectory() throws Exception {
        final Process other = driverProcess();
        assertThatIllegalStateException()
                .isThrownBy(() -> StandaloneDriver.launch(DriverProfile.POWER_SAVING, name()))
                .withMessage("another media driver runs in " + name());
        other.destroyForcibly();
        assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();

        try (StandaloneDriver driver = StandaloneDriver.launch(DriverProfile.POWER_SAVING, name())) {
            assertThat(driver.errorCount()).isZero();
            assertThat(driver.lastError()).isNull();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(name())))
                    .isEqualTo("rwx------");
            assertThatIllegalStateException()
                    .isThrownBy(() -> StandaloneDriver.launch(DriverProfile.POWER_SAVING, name()))
                    .withMessage("another media driver runs in " + name());
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void shouldRefuseWhenOthersCouldEnterTheDirectory() throws IOException {
        Files.createDirectory(name());
        Files.setPosixFilePermissions(name(), PosixFilePermissions.fromString("rwxr-x---"));

        assertThatIllegalStateException()
                .isThrownBy(() -> StandaloneDriver.launch(DriverProfile.POWER_SAVING, name()))
                .withMessage("the media driver's directory " + name()
                        + " has mode rwxr-x---: others could enter it; give it mode 0700");
    }

    /** Longer than the five seconds after which everything was once started again on a host with too much to do. */
    @Test
    void shouldGoOnWithADriverAndAPeerThatStoodStillForSeconds() throws Exception {
        final Process driver = driverProcess();
        final Path secret = parent.resolve("secret");
        assertThat(PeerSecret.create(secret, SystemRandom.secure())).isTrue();
        final Process peer = start(EchoPeer.class, name().toString(), secret.toString());
        assertThat(peer.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("ready");
        try (AeronNetwork network = new AeronNetwork(
                Wait.ipcTable(2),
                DriverChoice.standalone(name()),
                PeerSecret.read(secret),
                SystemClock.INSTANCE,
                SystemRandom.secure())) {
            final AeronEndpoint self = network.open(0);
            hear(self, 1);

            signal("STOP", driver);
            signal("STOP", peer);
            final long stoppedNs = SystemClock.INSTANCE.nanoTime();
            Wait.until("they have stood still", () -> {
                self.poll((source, buffer, offset, length) -> {}, 10);
                return SystemClock.INSTANCE.nanoTime() - stoppedNs > STANDSTILL_NS;
            });
            signal("CONT", driver);
            signal("CONT", peer);

            hear(self, 2);
            assertThat(network.alive()).isTrue();
            assertThat(network.errorCount()).isZero();
            assertThat(peer.isAlive()).isTrue();
        }
        Files.delete(secret);
    }

    private void hear(final AeronEndpoint self, final long mark) {
        final boolean[] heard = {false};
        message.putLong(0, mark);
        Wait.until("the peer answers " + mark, () -> {
            self.send(1, message, 0, 64);
            self.poll((source, buffer, offset, length) -> heard[0] |= buffer.getLong(offset) == mark, 10);
            return heard[0];
        });
    }

    private static void signal(final String name, final Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void shouldSayThatNoDriverAnswersWhenThereIsNone() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new AeronNetwork(Wait.ipcTable(1), DriverChoice.standalone(name())))
                .withMessage("no media driver answers in " + DriverDirectory.driverIn(name()));
    }
}
