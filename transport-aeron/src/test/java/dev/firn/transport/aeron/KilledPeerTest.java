package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.authentication.PeerSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's process is killed and started again while another one sends to it all the time. */
@Tag("long")
final class KilledPeerTest {
    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final UnsafeBuffer message = new UnsafeBuffer(new byte[8_000]);

    @Test
    void shouldHearFromAPeerAgainSoonAfterItWasKilledAndIsBack() throws Exception {
        final Path name = parent.resolve("host");
        final Path secret = parent.resolve("secret");
        assertThat(PeerSecret.create(secret, SystemRandom.secure())).isTrue();
        Process peer = null;
        try (StandaloneDriver driver = StandaloneDriver.launch(DriverProfile.SHARED_MACHINE, name);
                AeronNetwork network = new AeronNetwork(
                        Wait.ipcTable(2),
                        DriverChoice.standalone(name),
                        PeerSecret.read(secret),
                        SystemClock.INSTANCE,
                        SystemRandom.secure())) {
            assertThat(driver.errorCount()).isZero();
            final AeronEndpoint self = network.open(0);
            for (int life = 1; life <= 3; life++) {
                peer = start(name, secret);
                final long startedNs = SystemClock.INSTANCE.nanoTime();
                final long mark = life;
                final boolean[] heard = {false};
                Wait.until("life " + life + " answers", () -> {
                    // More than the log holds, so that the reader who was killed stands in the way.
                    message.putLong(0, mark);
                    self.send(1, message, 0, message.capacity());
                    self.poll((source, buffer, offset, length) -> heard[0] |= buffer.getLong(offset) == mark, 100);
                    return heard[0];
                });
                assertThat(SystemClock.INSTANCE.nanoTime() - startedNs)
                        .as("who comes after a killed reader does not wait until the driver gives that one up")
                        .isLessThan(EmbeddedDriver.CLIENT_TIMEOUT_NS / 2);
                peer.destroyForcibly();
                assertThat(peer.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(self.counters().get(EndpointCounter.SESSIONS_OPENED)).isEqualTo(3);
            assertThat(self.problems()).isEmpty();
        } finally {
            if (peer != null) {
                peer.destroyForcibly();
            }
        }
    }

    private static Process start(final Path name, final Path secret) throws IOException {
        final Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EchoPeer.class.getName(),
                        name.toString(),
                        secret.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        assertThat(output.readLine()).isEqualTo("ready");
        return process;
    }
}
