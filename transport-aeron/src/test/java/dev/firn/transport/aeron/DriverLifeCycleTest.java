package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.firn.nativeio.network.SendResult;
import dev.firn.transport.counter.CounterReading;
import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FrameDescriptor;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DriverLifeCycleTest {
    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final UnsafeBuffer message = new UnsafeBuffer(new byte[64]);

    @ParameterizedTest
    @EnumSource(DriverProfile.class)
    void shouldLeaveNeitherFilesNorThreadsWhenClosed(final DriverProfile profile) {
        final Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (AeronNetwork network =
                new AeronNetwork(Wait.loopbackTable(2), new DriverChoice.Embedded(profile, parent))) {
            final AeronEndpoint from = network.open(0);
            final AeronEndpoint to = network.open(1);
            Wait.sent(from, 1, message, 64);
            Wait.until("the message is there", () -> to.poll((source, buffer, offset, length) -> {}, 1) == 1);
            assertThat(network.errorCount()).isZero();
        }

        assertThat(parent).isEmptyDirectory();
        Wait.until("Aeron's threads have ended", () -> leftOver(before).isEmpty());
    }

    /** The receiver's window may be a fraction of it. */
    @ParameterizedTest
    @EnumSource(DriverProfile.class)
    void shouldCarryTheLongestMessageOverUdpInEveryProfile(final DriverProfile profile) {
        try (AeronNetwork network =
                Secrets.network(Wait.loopbackTable(2), new DriverChoice.Embedded(profile, parent), 1)) {
            final AeronEndpoint from = network.open(0);
            final AeronEndpoint to = network.open(1);
            final UnsafeBuffer longest = new UnsafeBuffer(new byte[AeronEndpoint.MAX_MESSAGE_LENGTH]);
            final int[] sent = {0};
            final int[] whole = {0};
            Wait.until("five of them are there", () -> {
                if (sent[0] < 5 && from.send(1, longest, 0, longest.capacity()) == SendResult.SENT) {
                    sent[0]++;
                }
                from.poll((source, buffer, offset, length) -> {}, 10);
                to.poll((source, buffer, offset, length) -> whole[0] += length == longest.capacity() ? 1 : 0, 10);
                return whole[0] == 5;
            });
        }
    }

    private static Set<String> leftOver(final Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> !name.startsWith("ForkJoinPool") && !name.startsWith("surefire"))
                .collect(Collectors.toSet());
    }

    @Test
    void shouldFindProfilesByTheNameThatConfigurationsUse() {
        for (final DriverProfile profile : DriverProfile.values()) {
            assertThat(DriverProfile.of(profile.configName())).isEqualTo(profile);
            assertThat(profile.termLength() / 8)
                    .isGreaterThanOrEqualTo(AeronEndpoint.MAX_MESSAGE_LENGTH + FrameLayout.SEALED_HEADER_LENGTH);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DriverProfile.of("fast"))
                .withMessage("transport profile \"fast\" is not one of lowest-latency, shared-machine, power-saving");
    }

    @Test
    void shouldPreferSharedMemoryWhenTheHostHasIt() {
        final DriverChoice choice = DriverChoice.embedded(DriverProfile.POWER_SAVING);

        assertThat(choice)
                .isEqualTo(new DriverChoice.Embedded(DriverProfile.POWER_SAVING, DriverDirectory.defaultParent()));
        assertThat(DriverDirectory.defaultParent()).isDirectory();
    }

    @Test
    void shouldCountFramesOfStrangersAndGoOn() {
        try (AeronNetwork network = shared(Wait.ipcTable(1));
                Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(network.driverDirectory().toString()))) {
            final AeronEndpoint self = network.open(0);
            final ExclusivePublication stranger =
                    aeron.addExclusivePublication("aeron:ipc", AeronNetwork.streamIdOf(0));
            Wait.until("a short frame is taken", () -> stranger.offer(message, 0, 7) > 0);
            Wait.until("a foreign frame is taken", () -> stranger.offer(message, 0, 64) > 0);
            Wait.until("another node's frame is taken", () -> stranger.offer(FrameLayout.plainHeader(0, 3), 0, 16) > 0);
            Wait.sent(self, 0, message, 64);

            final int[] delivered = {0};
            Wait.until("the good one is there, the others are counted", () -> {
                delivered[0] += self.poll((source, buffer, offset, length) -> {}, 10);
                return self.counters().dropped() == 3 && delivered[0] == 1;
            });
            assertThat(self.counters().get(EndpointCounter.DROPPED_TOO_SHORT)).isEqualTo(1);
            assertThat(self.counters().get(EndpointCounter.DROPPED_FOREIGN)).isEqualTo(1);
            assertThat(self.counters().get(EndpointCounter.DROPPED_WRONG_DESTINATION))
                    .isEqualTo(1);
        }
    }

    /** One who sends fragments and never ends the message must not make the receiver's memory grow. */
    @Test
    void shouldDropFragmentsWhenTheyAddUpToMoreThanAMessage() {
        try (AeronNetwork network = shared(Wait.ipcTable(1));
                Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(network.driverDirectory().toString()))) {
            final AeronEndpoint self = network.open(0);
            final ExclusivePublication stranger =
                    aeron.addExclusivePublication("aeron:ipc", AeronNetwork.streamIdOf(0));
            final BufferClaim claim = new BufferClaim();
            final int fragments = 2 * AeronEndpoint.MAX_MESSAGE_LENGTH / 8_000;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < fragments; i++) {
                    Wait.until("there is room", () -> {
                        self.poll((source, buffer, offset, length) -> {}, 100);
                        return stranger.tryClaim(8_000, claim) > 0;
                    });
                    claim.flags(i == 0 ? FrameDescriptor.BEGIN_FRAG_FLAG : 0);
                    claim.commit();
                }
                final long expected = round + 1L;
                Wait.until("it is counted", () -> {
                    self.poll((source, buffer, offset, length) -> {}, 100);
                    return self.counters().get(EndpointCounter.DROPPED_TOO_LONG) == expected;
                });
            }
            Wait.sent(self, 0, message, 64);
            Wait.until("a good one is there", () -> self.poll((source, buffer, offset, length) -> {}, 100) == 1);
        }
    }

    @Test
    void shouldListWhatDriverAndEndpointsCount() {
        try (AeronNetwork network = shared(Wait.ipcTable(1))) {
            final AeronEndpoint self = network.open(0);
            Wait.sent(self, 0, message, 64);

            assertThat(self.counters().readings())
                    .contains(new CounterReading("sent_bytes", "Bytes of messages that send or a claim accepted", 64))
                    .allMatch(reading -> !reading.help().isEmpty())
                    .hasSize(EndpointCounter.values().length);
            assertThat(network.driverCounters())
                    .anyMatch(reading -> reading.name().equals("errors") && reading.value() == 0)
                    .anyMatch(reading -> reading.name().equals("nak_messages_sent"))
                    .allMatch(reading -> !reading.help().isEmpty());
        }
    }

    @Test
    void shouldSayThatTheDriverIsGoneWhenAnExternalOneStops() {
        final AeronNetwork owner = shared(Wait.ipcTable(1));
        try (AeronNetwork guest =
                new AeronNetwork(Wait.ipcTable(1), new DriverChoice.External(owner.driverDirectory()))) {
            final AeronEndpoint endpoint = guest.open(0);
            owner.close();

            assertThatIllegalStateException()
                    .isThrownBy(() -> Wait.until("poll fails", () -> {
                        endpoint.poll((source, buffer, offset, length) -> {}, 1);
                        return false;
                    }))
                    .withMessageStartingWith("the media driver in ")
                    .withMessageEndingWith(" is gone");
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void shouldReplaceThePublicationWhenItsLogEnds() {
        try (AeronNetwork network = shared(Wait.ipcTable(1));
                Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(network.driverDirectory().toString()))) {
            final AeronEndpoint self = network.open(0);
            final int last = Integer.MAX_VALUE;
            final int termLength = DriverProfile.SHARED_MACHINE.termLength();
            final String nearTheEnd = "aeron:ipc?init-term-id=0|term-id=" + last + "|term-offset="
                    + (termLength - 4_096) + "|term-length=" + termLength;
            try (PeerPublication peer = new PeerPublication(
                    aeron, nearTheEnd, "aeron:ipc", MessageLimit.LONGEST.messageLength(), 0, 0, null, null)) {
                final int[] sent = {0};
                final int[] refused = {0};
                final int[] received = {0};
                Wait.until("far more was sent than the old log had room for", () -> {
                    final SendResult result = peer.send(message, 0, 0, message, 0, 64);
                    assertThat(result).isNotEqualTo(SendResult.CLOSED);
                    if (result == SendResult.SENT) {
                        sent[0]++;
                    } else if (result == SendResult.NOT_CONNECTED) {
                        refused[0]++;
                    }
                    received[0] += self.poll((source, buffer, offset, length) -> {}, 10);
                    return sent[0] == 1_000;
                });
                assertThat(refused[0]).as("refusals while the log was replaced").isPositive();
                Wait.until("all are there", () -> {
                    received[0] += self.poll((source, buffer, offset, length) -> {}, 10);
                    return received[0] == 1_000;
                });
            }
        }
    }

    private AeronNetwork shared(final AddressTable table) {
        return new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent));
    }
}
