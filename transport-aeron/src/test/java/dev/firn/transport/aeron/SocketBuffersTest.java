package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SocketBuffersTest {
    @TempDir
    private Path limits;

    @Test
    void shouldGiveTheProfileAllWhenTheKernelAllowsIt() throws IOException {
        kernelAllows("67108864", "67108864");

        final SocketBuffers buffers = SocketBuffers.plan(DriverProfile.LOWEST_LATENCY, limits);

        assertThat(buffers.receiveLength()).isEqualTo(4 << 20);
        assertThat(buffers.sendLength()).isEqualTo(4 << 20);
        assertThat(buffers.receiverWindowLength()).isEqualTo(2 << 20);
        assertThat(buffers.warnings()).isEmpty();
    }

    @Test
    void shouldWarnAndShrinkTheWindowWhenTheReceiveLimitIsLow() throws IOException {
        kernelAllows("212992", "67108864");

        final SocketBuffers buffers = SocketBuffers.plan(DriverProfile.SHARED_MACHINE, limits);

        assertThat(buffers.receiveLength()).isEqualTo(212_992);
        assertThat(buffers.receiverWindowLength()).isEqualTo(212_992);
        assertThat(buffers.sendLength()).isEqualTo(2 << 20);
        assertThat(buffers.warnings())
                .singleElement()
                .asString()
                .startsWith("net.core.rmem_max is 212992, transport profile shared-machine wants 2097152:");
    }

    @Test
    void shouldAssumeTheKernelsDefaultWhenLimitsCannotBeRead() {
        final SocketBuffers buffers = SocketBuffers.plan(DriverProfile.POWER_SAVING, limits.resolve("absent"));

        assertThat(buffers.receiveLength()).isEqualTo(212_992);
        assertThat(buffers.warnings()).hasSize(2);
    }

    /** On a real host: a sysctl that is read in two pieces shows its first digit only. */
    @Test
    void shouldReadWholeNumbersWhenTheyAreTheKernels() {
        final SocketBuffers buffers = SocketBuffers.plan(DriverProfile.LOWEST_LATENCY, SocketBuffers.KERNEL_LIMITS);

        assertThat(buffers.receiveLength()).isGreaterThanOrEqualTo(DriverProfile.MTU_LENGTH);
        assertThat(buffers.sendLength()).isGreaterThanOrEqualTo(DriverProfile.MTU_LENGTH);
    }

    private void kernelAllows(final String receive, final String send) throws IOException {
        Files.writeString(limits.resolve("rmem_max"), receive + "\n");
        Files.writeString(limits.resolve("wmem_max"), send + "\n");
    }
}
