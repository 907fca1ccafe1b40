package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.wakeup.WaitSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that sleep without a limit: a message that did not wake its receiver would be the end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EndpointWakeUpTest {
    private static final long FOREVER_NS = Duration.ofMinutes(5).toNanos();
    private static final int TURNS = 5_000;
    private static final int LONG_MESSAGE = 40_000;

    @TempDir(factory = SharedMemory.class)
    private Path parent;

    @Test
    void shouldWakeTheReceiverWithEachMessage() throws Exception {
        final AddressTable table = Wait.ipcTable(2);
        try (AeronNetwork owner =
                        new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent));
                AeronNetwork guest = new AeronNetwork(table, new DriverChoice.External(owner.driverDirectory()));
                AeronEndpoint first = owner.open(0);
                AeronEndpoint second = guest.open(1)) {
            final CompletableFuture<Integer> other = CompletableFuture.supplyAsync(() -> play(second, 0, 0));
            assertThat(play(first, 1, 1)).isEqualTo(TURNS);
            assertThat(other.get()).isEqualTo(TURNS);
        }
    }

    @Test
    void shouldHaveNoDoorbellWhereMessagesComeOverUdp() {
        try (AeronNetwork network = new AeronNetwork(
                        Wait.loopbackTable(1), new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent));
                AeronEndpoint endpoint = network.open(0)) {
            assertThat(endpoint.doorbell()).isEmpty();
        }
    }

    /** Hands messages, short and fragmented ones in turn, to and fro; returns how many came. */
    private static int play(final AeronEndpoint endpoint, final int peer, final int firstMoves) {
        final UnsafeBuffer message = new UnsafeBuffer(new byte[LONG_MESSAGE]);
        final int[] received = {0};
        int sent = 0;
        try (WaitSet set = new WaitSet(FOREVER_NS, FOREVER_NS)) {
            set.add(endpoint.doorbell().orElseThrow());
            while (received[0] < TURNS || sent < TURNS) {
                if (sent < TURNS && sent < received[0] + firstMoves) {
                    Wait.sent(endpoint, peer, message, sent % 2 == 0 ? Long.BYTES : LONG_MESSAGE);
                    sent++;
                }
                set.arm();
                final int before = received[0];
                endpoint.poll((source, buffer, offset, length) -> received[0]++, 1);
                // The first message may be there before Aeron's own thread has shown the receiver where it is.
                final boolean mayCome = received[0] > 0 && received[0] < TURNS;
                if (mayCome && received[0] == before && sent >= received[0] + firstMoves) {
                    set.await();
                }
                set.disarm();
            }
        }
        return received[0];
    }
}
