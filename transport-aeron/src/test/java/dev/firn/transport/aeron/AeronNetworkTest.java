package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AeronNetworkTest {
    private static final long SEED = 0xAE20_0002L;

    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final List<AeronNetwork> networks = new ArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[AeronEndpoint.MAX_MESSAGE_LENGTH + 1]);
    private final MessageClaim claim = new MessageClaim();
    private int lastSource = -1;
    private int lastLength = -1;
    private long lastSequence = -1;
    private final MessageHandler remember = (source, buffer, offset, length) -> {
        lastSource = source;
        lastLength = length;
        lastSequence = length < Long.BYTES ? -1 : buffer.getLong(offset);
    };

    @AfterEach
    void shouldLeaveNothingBehind() {
        networks.reversed().forEach(AeronNetwork::close);
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void shouldDeliverBetweenThreeNodesOverIpc() {
        final AddressTable table = Wait.ipcTable(3);
        final AeronNetwork owner = embedded(table);
        final AeronNetwork guest =
                remember(new AeronNetwork(table, new DriverChoice.External(owner.driverDirectory())));

        deliverBetweenAll(List.of(owner.open(0), owner.open(1), guest.open(2)));
    }

    @Test
    void shouldDeliverBetweenThreeNodesOverUdpWithADriverEach() {
        final AddressTable table = Wait.loopbackTable(3);

        deliverBetweenAll(List.of(
                embedded(table).open(0),
                embedded(table).open(1),
                embedded(table).open(2)));
    }

    private void deliverBetweenAll(final List<AeronEndpoint> nodes) {
        long sequence = 0;
        for (int round = 0; round < 50; round++) {
            for (final AeronEndpoint from : nodes) {
                for (final AeronEndpoint to : nodes) {
                    message.putLong(0, ++sequence);
                    Wait.sent(from, to.nodeId(), message, 8 + round);
                    Wait.until("the message is there", () -> to.poll(remember, 10) > 0);
                    assertThat(lastSource).isEqualTo(from.nodeId());
                    assertThat(lastLength).isEqualTo(8 + round);
                    assertThat(lastSequence).isEqualTo(sequence);
                }
            }
        }
        for (final AeronEndpoint node : nodes) {
            assertThat(node.counters().get(EndpointCounter.SENT)).isEqualTo(150);
            assertThat(node.counters().get(EndpointCounter.RECEIVED)).isEqualTo(150);
            assertThat(node.counters().get(EndpointCounter.SENT_BYTES))
                    .isEqualTo(node.counters().get(EndpointCounter.RECEIVED_BYTES));
            assertThat(node.counters().dropped()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDeliverWholeWhenMessagesAreEmptyOrFragmented(final boolean ipc) {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final AddressTable table = ipc ? Wait.ipcTable(2) : Wait.loopbackTable(2);
        final AeronNetwork network = embedded(table);
        final AeronEndpoint from = network.open(0);
        final AeronEndpoint to = network.open(1);
        random.nextBytes(message.byteArray());
        final UnsafeBuffer received = new UnsafeBuffer(new byte[AeronEndpoint.MAX_MESSAGE_LENGTH]);
        final MessageHandler copy = (source, buffer, offset, length) -> {
            buffer.getBytes(offset, received, 0, length);
            lastLength = length;
        };

        final int unfragmented = DriverProfile.MTU_LENGTH - 32 - FrameLayout.PLAIN_HEADER_LENGTH;
        final int[] lengths = {0, 1, unfragmented, unfragmented + 1, 65_536, AeronEndpoint.MAX_MESSAGE_LENGTH};
        for (int i = 0; i < 60; i++) {
            final int length = i < lengths.length ? lengths[i] : random.nextInt(AeronEndpoint.MAX_MESSAGE_LENGTH);
            Wait.sent(from, 1, message, length);
            Wait.until("the message is there", () -> to.poll(copy, 1) > 0);
            assertThat(lastLength).as("seed %x", SEED).isEqualTo(length);
            assertThat(new UnsafeBuffer(received, 0, length)).isEqualTo(new UnsafeBuffer(message, 0, length));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDeliverTheLongestOfBothKindsWhenOneSideSendsShorterMessages(final boolean ipc) {
        final AeronNetwork network = embedded(ipc ? Wait.ipcTable(2) : Wait.loopbackTable(2));
        final AeronEndpoint quarter = network.open(0, MessageLimit.QUARTER);
        final AeronEndpoint longest = network.open(1, MessageLimit.LONGEST);
        final int length = MessageLimit.QUARTER.messageLength();

        assertThat(quarter.maxMessageLength()).isEqualTo(length).isGreaterThan(AeronEndpoint.MAX_MESSAGE_LENGTH / 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> quarter.send(1, message, 0, length + 1))
                .withMessageEndingWith("is not within 0.." + length);
        for (int i = 0; i < 50; i++) {
            Wait.sent(quarter, 1, message, length);
            Wait.until("it is there", () -> longest.poll(remember, 1) > 0);
            assertThat(lastLength).isEqualTo(length);
            Wait.sent(longest, 0, message, AeronEndpoint.MAX_MESSAGE_LENGTH);
            Wait.until("the answer is there", () -> quarter.poll(remember, 1) > 0);
            assertThat(lastLength).isEqualTo(AeronEndpoint.MAX_MESSAGE_LENGTH);
        }
    }

    @Test
    void shouldTakeLessSharedMemoryWhenMessagesAreShorter() throws IOException {
        final AeronNetwork network = embedded(Wait.ipcTable(2));
        final AeronEndpoint quarter = network.open(0, MessageLimit.QUARTER);
        final AeronEndpoint longest = network.open(1);

        Wait.until("connected", () -> quarter.connectedTo(1));
        assertThat(logBuffers(network)).containsExactly(6L);
        Wait.until("connected", () -> longest.connectedTo(0));
        assertThat(logBuffers(network)).containsExactly(6L, 24L);
    }

    /** Their lengths in MiB, from the shortest; what stands behind the terms is less than one. */
    private static List<Long> logBuffers(final AeronNetwork network) throws IOException {
        final List<Long> lengths = new ArrayList<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(network.driverDirectory().resolve("publications"))) {
            for (final Path file : files) {
                lengths.add(Files.size(file) >> 20);
            }
        }
        lengths.sort(null);
        return lengths;
    }

    @Test
    void shouldRefuseWhenMessageIsTooLongOrTheNodeUnknown() {
        final AeronEndpoint endpoint = embedded(Wait.ipcTable(1)).open(0);

        assertThat(endpoint.maxMessageLength()).isEqualTo(AeronEndpoint.MAX_MESSAGE_LENGTH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> endpoint.send(0, message, 0, AeronEndpoint.MAX_MESSAGE_LENGTH + 1))
                .withMessageContaining("from node 0 to node 0 is not within 0..");
        assertThatIllegalArgumentException().isThrownBy(() -> endpoint.send(5, message, 0, 1));
        assertThatThrownBy(() -> endpoint.send(0, message, message.capacity() - 1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldLoseNoAcceptedMessageWhenTheConsumerIsSlowOverIpc() {
        final AeronNetwork network = embedded(Wait.ipcTable(2));
        final AeronEndpoint from = network.open(0);
        final AeronEndpoint to = network.open(1);
        Wait.until("connected", () -> from.connectedTo(1));
        final int length = 4_000;
        final long total = 20_000;
        long accepted = 0;
        final long[] expected = {0};
        final MessageHandler inOrder = (source, buffer, offset, size) -> {
            assertThat(buffer.getLong(offset)).isEqualTo(expected[0]);
            assertThat(buffer.getLong(offset + size - Long.BYTES)).isEqualTo(~expected[0]);
            expected[0]++;
        };
        // The sender runs until it is refused; then the consumer takes a few messages only.
        while (accepted < total) {
            message.putLong(0, accepted);
            message.putLong(length - Long.BYTES, ~accepted);
            final SendResult result = from.send(1, message, 0, length);
            if (result == SendResult.SENT) {
                accepted++;
            } else {
                assertThat(result).isEqualTo(SendResult.BACK_PRESSURED);
                to.poll(inOrder, 7);
            }
        }
        Wait.until("all are there", () -> to.poll(inOrder, 1_000) == 0 && expected[0] == total);

        assertThat(from.counters().get(EndpointCounter.BACK_PRESSURED)).isPositive();
        assertThat(from.counters().get(EndpointCounter.SENT)).isEqualTo(total);
        assertThat(to.counters().get(EndpointCounter.RECEIVED)).isEqualTo(total);
    }

    @Test
    void shouldSayNotConnectedWhenNobodyListens() {
        final AeronEndpoint lonely = embedded(Wait.loopbackTable(2)).open(0);

        for (int i = 0; i < 1_000; i++) {
            assertThat(lonely.send(1, message, 0, 10)).isEqualTo(SendResult.NOT_CONNECTED);
        }
        assertThat(lonely.connectedTo(1)).isFalse();
        assertThat(lonely.counters().get(EndpointCounter.NOT_CONNECTED)).isEqualTo(1_000);
        assertThat(lonely.counters().get(EndpointCounter.SENT)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReachAPeerAgainWhenItWasRestarted(final boolean ipc) {
        final AddressTable table = ipc ? Wait.ipcTable(2) : Wait.loopbackTable(2);
        final AeronNetwork network = embedded(table);
        final AeronEndpoint stays = network.open(0);
        for (int life = 0; life < 3; life++) {
            final AeronNetwork host = ipc ? network : embedded(table);
            final AeronEndpoint restarted = host.open(1);
            final long marker = 100L + life;
            // What was sent before the restart may be lost: send until one of this life's messages is answered.
            Wait.until("answered in life " + life, () -> {
                message.putLong(0, marker);
                stays.send(1, message, 0, 20_000);
                restarted.poll(remember, 10);
                if (lastSequence == marker && lastSource == 0) {
                    message.putLong(0, -marker);
                    restarted.send(0, message, 0, 20_000);
                }
                stays.poll(remember, 10);
                return lastSequence == -marker && lastSource == 1;
            });
            restarted.close();
            assertThat(restarted.send(0, message, 0, 8)).isEqualTo(SendResult.CLOSED);
            assertThat(restarted.poll(remember, 1)).isZero();
            if (!ipc) {
                host.close();
            }
        }
        assertThat(stays.counters().dropped()).isZero();
    }

    @Test
    void shouldThrowOnWhatAHandlerThrowsAndKeepTheMessagesBehind() {
        final AeronEndpoint self = hearingItself();
        for (int i = 0; i < 3; i++) {
            message.putLong(0, i);
            Wait.sent(self, 0, message, 8);
        }
        final List<Long> seen = new ArrayList<>();
        final MessageHandler failing = (source, buffer, offset, length) -> {
            seen.add(buffer.getLong(offset));
            throw new IllegalArgumentException("message " + buffer.getLong(offset));
        };

        for (int i = 0; i < 3; i++) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> self.poll(failing, 10))
                    .withMessage("message " + i);
        }
        assertThat(seen).containsExactly(0L, 1L, 2L);
        assertThat(self.poll(remember, 10)).isZero();
    }

    @Test
    void shouldRefuseWhenASecondThreadOrTheHandlerItselfCallsIn() {
        final AeronEndpoint self = hearingItself();
        Wait.sent(self, 0, message, 8);

        assertThatThrownBy(() ->
                        CompletableFuture.runAsync(() -> self.poll(remember, 1)).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("endpoint of node 0 belongs to thread");
        assertThatIllegalStateException()
                .isThrownBy(() -> self.poll((source, buffer, offset, length) -> self.poll(remember, 1), 1))
                .withMessageContaining("from inside its own message handler");
    }

    @Test
    void shouldRefuseWhenANodeIsOpenedTwiceOrAfterClose() {
        final AeronNetwork network = embedded(Wait.ipcTable(1));
        final AeronEndpoint first = network.open(0);
        assertThatIllegalStateException().isThrownBy(() -> network.open(0)).withMessage("node 0 is open already");
        assertThatIllegalArgumentException().isThrownBy(() -> network.open(1));
        first.close();
        network.open(0);
        network.close();
        network.close();
        assertThatIllegalStateException().isThrownBy(() -> network.open(0)).withMessage("the network is closed");
    }

    @Test
    void shouldSayWhichAddressWhenThePortIsTaken() {
        final AddressTable table = Wait.loopbackTable(2);
        embedded(table).open(1);
        final AeronNetwork second = embedded(table);

        assertThatIllegalStateException()
                .isThrownBy(() -> second.open(1))
                .withMessage("node 1 cannot listen on " + table.get(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 8_192, 65_536})
    void shouldAllocateNothingWhenSendingAndPolling(final int length) {
        final AeronNetwork network = embedded(Wait.ipcTable(2));
        final AeronEndpoint from = network.open(0);
        final AeronEndpoint to = network.open(1);
        Wait.until("connected", () -> from.connectedTo(1));
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final int operations = BitUtil.align(40_000_000 / (length + 4_000), 2);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 8 && least > 0; round++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            exchange(from, to, length, operations);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(least).as("bytes allocated by %d operations", operations).isZero();
    }

    /** Sends more often than it polls, so that the refusals are measured as well. */
    private void exchange(final AeronEndpoint from, final AeronEndpoint to, final int length, final int operations) {
        for (int i = 0; i < operations; i++) {
            if (from.send(1, message, 0, 16, message, 100, length - 16) != SendResult.SENT) {
                to.poll(remember, 1_000);
            }
            if (length <= from.maxClaimLength() && from.claim(1, length, claim) == SendResult.SENT) {
                claim.buffer().putLong(0, i);
                claim.commit();
            }
        }
    }

    /** A node whose messages to itself are known to arrive at once. */
    private AeronEndpoint hearingItself() {
        final AeronEndpoint self = embedded(Wait.ipcTable(1)).open(0);
        Wait.sent(self, 0, message, 0);
        Wait.until("the first message is there", () -> self.poll(remember, 1) == 1);
        return self;
    }

    private AeronNetwork embedded(final AddressTable table) {
        return remember(new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent)));
    }

    private AeronNetwork remember(final AeronNetwork network) {
        networks.add(network);
        return network;
    }
}
