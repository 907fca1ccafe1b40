package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with secrets, over real media drivers. */
final class AuthenticatedNetworkTest {
    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[AeronEndpoint.MAX_MESSAGE_LENGTH]);
    private final MessageClaim claim = new MessageClaim();
    private final List<Long> received = new ArrayList<>();
    private final MessageHandler remember = (source, buffer, offset, length) -> received.add(buffer.getLong(offset));
    private final MessageHandler ignore = (source, buffer, offset, length) -> {};

    @AfterEach
    void shouldLeaveNothingBehind() throws Exception {
        for (final AutoCloseable one : opened.reversed()) {
            one.close();
        }
        assertThat(parent).isEmptyDirectory();
    }

    /** Both nodes poll until the message has been taken and delivered. */
    private void exchange(final AeronEndpoint from, final AeronEndpoint to, final long value, final int length) {
        received.clear();
        final boolean[] sent = {false};
        Wait.until("node " + to.nodeId() + " has message " + value, () -> {
            message.putLong(0, value);
            sent[0] |= !sent[0] && from.send(to.nodeId(), message, 0, length) == SendResult.SENT;
            from.poll(ignore, 10);
            to.poll(remember, 10);
            return received.contains(value);
        });
    }

    private void settle(
            final AeronEndpoint one, final AeronEndpoint other, final String what, final BooleanSupplier done) {
        Wait.until(what, () -> {
            one.send(other.nodeId(), message, 0, 100);
            one.poll(ignore, 10);
            other.poll(ignore, 10);
            return done.getAsBoolean();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDeliverInSessionsWhenNodesHoldTheSameSecret(final boolean ipc) {
        final AddressTable table = ipc ? Wait.ipcTable(2) : Wait.loopbackTable(2);
        final AeronNetwork first = network(table, 1);
        final AeronEndpoint zero = first.open(0);
        final AeronEndpoint one = (ipc ? first : network(table, 1)).open(1);
        for (int i = 0; i < 20; i++) {
            exchange(zero, one, 2 * i, 8 + 1_000 * i);
            exchange(one, zero, 2 * i + 1, 8 + 50_000 * i);
        }

        for (final AeronEndpoint node : List.of(zero, one)) {
            assertThat(node.counters().get(EndpointCounter.RECEIVED)).isEqualTo(20);
            assertThat(node.counters().get(EndpointCounter.SESSIONS_OPENED)).isEqualTo(1);
            assertThat(node.counters().dropped() - node.counters().get(EndpointCounter.DROPPED_STALE_HANDSHAKE))
                    .isZero();
            assertThat(node.problems()).isEmpty();
        }
    }

    @Test
    void shouldReachItselfInASessionAsWell() {
        final AeronEndpoint self = network(Wait.ipcTable(1), 1).open(0);
        received.clear();
        final boolean[] sent = {false};
        Wait.until("its own message is there", () -> {
            message.putLong(0, 42);
            sent[0] |= !sent[0] && self.send(0, message, 0, 100) == SendResult.SENT;
            self.poll(remember, 10);
            return received.contains(42L);
        });
        assertThat(self.counters().get(EndpointCounter.SESSIONS_OPENED)).isEqualTo(1);
        assertThat(self.connectedTo(0)).isTrue();
    }

    @Test
    void shouldSayWhichPeerHoldsAnotherSecret() {
        final AddressTable table = Wait.loopbackTable(3);
        final AeronEndpoint zero = network(table, 1).open(0);
        final AeronEndpoint stranger = network(table, 2).open(2);

        settle(
                zero,
                stranger,
                "both know",
                () -> !zero.problems().isEmpty() && !stranger.problems().isEmpty());
        assertThat(zero.problems()).containsExactly("node 2 does not hold the same secret");
        assertThat(stranger.problems()).containsExactly("node 0 does not hold the same secret");
        assertThat(zero.counters().get(EndpointCounter.DROPPED_WRONG_PROOF)).isPositive();
        assertThat(zero.counters().get(EndpointCounter.SENT)).isZero();
        assertThat(stranger.counters().get(EndpointCounter.RECEIVED)).isZero();
        assertThat(zero.connectedTo(2)).isFalse();
    }

    @Test
    void shouldSayWhichSideWasGivenNoSecret() {
        final AddressTable table = Wait.loopbackTable(2);
        final AeronEndpoint zero = network(table, 1).open(0);
        final AeronNetwork without =
                new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent));
        opened.add(without);
        final AeronEndpoint one = without.open(1);

        settle(zero, one, "node 1 knows", () -> !one.problems().isEmpty());
        settle(one, zero, "node 0 knows", () -> !zero.problems().isEmpty());
        assertThat(zero.problems()).containsExactly("node 1 was given no secret, and sends without authentication");
        assertThat(one.problems()).containsExactly("node 0 authenticates, and this node was given no secret");
        assertThat(zero.counters().get(EndpointCounter.DROPPED_UNAUTHENTICATED)).isPositive();
        assertThat(one.counters().get(EndpointCounter.DROPPED_NO_SECRET)).isPositive();
        assertThat(zero.counters().get(EndpointCounter.RECEIVED)).isZero();
        assertThat(one.counters().get(EndpointCounter.RECEIVED)).isZero();
    }

    /** Somebody who can read and write node 1's stream, but holds no secret. */
    @Test
    void shouldDropAndCountWhatAStrangerReplaysOrForges() {
        final AeronNetwork network = network(Wait.ipcTable(3), 1);
        final AeronEndpoint zero = network.open(0);
        final AeronEndpoint one = network.open(1);
        final Aeron aeron = Aeron.connect(
                new Aeron.Context().aeronDirectoryName(network.driverDirectory().toString()));
        opened.add(aeron);
        final int stream = AeronNetwork.streamIdOf(1);
        final Subscription tap = aeron.addSubscription("aeron:ipc", stream);
        final ExclusivePublication stranger = aeron.addExclusivePublication("aeron:ipc", stream);
        final List<UnsafeBuffer> recorded = new ArrayList<>();
        final FragmentAssembler recorder = new FragmentAssembler((buffer, offset, length, header) -> {
            final UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
            buffer.getBytes(offset, copy, 0, length);
            recorded.add(copy);
        });
        exchange(zero, one, 1, 100);
        exchange(zero, one, 2, 20_000);
        Wait.until(
                "all is recorded",
                () -> tap.poll(recorder, 100) == 0
                        && recorded.stream()
                                        .filter(AuthenticatedNetworkTest::isSealed)
                                        .count()
                                == 2);
        received.clear();

        final long replayedBefore = one.counters().get(EndpointCounter.DROPPED_REPLAYED);
        for (final UnsafeBuffer frame : List.copyOf(recorded)) {
            Wait.until("it is replayed", () -> stranger.offer(frame) > 0);
        }
        drained(one, EndpointCounter.DROPPED_REPLAYED, replayedBefore + 2);

        final UnsafeBuffer last = recorded.stream()
                .filter(AuthenticatedNetworkTest::isSealed)
                .toList()
                .getLast();
        forge(stranger, last, 24, 99);
        drained(one, EndpointCounter.DROPPED_WRONG_CODE, 1);
        forge(stranger, last, 300, 99);
        drained(one, EndpointCounter.DROPPED_REPLAYED, replayedBefore + 3);
        forge(stranger, last, 12, 2);
        drained(one, EndpointCounter.DROPPED_UNKNOWN_SESSION, 1);
        Wait.until("a plain frame is taken", () -> stranger.offer(FrameLayout.plainHeader(0, 1)) > 0);
        drained(one, EndpointCounter.DROPPED_UNAUTHENTICATED, 1);

        assertThat(received).isEmpty();
        exchange(zero, one, 3, 100);
        assertThat(zero.counters().get(EndpointCounter.SESSIONS_OPENED)).isEqualTo(1);
        assertThat(one.problems()).isEmpty();
    }

    private static boolean isSealed(final UnsafeBuffer frame) {
        return frame.getShort(2) == 2;
    }

    private void forge(
            final ExclusivePublication stranger, final UnsafeBuffer frame, final int index, final int value) {
        final UnsafeBuffer copy = new UnsafeBuffer(frame.byteArray().clone());
        copy.putByte(index, (byte) value);
        Wait.until("it is sent", () -> stranger.offer(copy) > 0);
    }

    private void drained(final AeronEndpoint node, final EndpointCounter counter, final long expected) {
        Wait.until(counter + " is " + expected, () -> {
            node.poll(remember, 10);
            return node.counters().get(counter) == expected;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldOpenAnotherSessionQuicklyWhenAPeerWasRestarted(final boolean ipc) {
        final AddressTable table = ipc ? Wait.ipcTable(2) : Wait.loopbackTable(2);
        final AeronNetwork stays = network(table, 1);
        final AeronEndpoint zero = stays.open(0);
        long fastestNs = Long.MAX_VALUE;
        for (int life = 0; life < 4; life++) {
            final AeronNetwork host = ipc ? stays : network(table, 1);
            final AeronEndpoint one = host.open(1);
            final long marker = 100L + life;
            final long begunNs = SystemClock.INSTANCE.nanoTime();
            received.clear();
            Wait.until("both have heard of each other in life " + life, () -> {
                message.putLong(0, marker);
                zero.send(1, message, 0, 100);
                message.putLong(0, -marker);
                one.send(0, message, 0, 100);
                zero.poll(remember, 10);
                one.poll(remember, 10);
                return received.contains(marker) && received.contains(-marker);
            });
            if (life > 0) {
                fastestNs = Math.min(fastestNs, SystemClock.INSTANCE.nanoTime() - begunNs);
            }
            one.close();
            if (!ipc) {
                host.close();
            }
        }
        assertThat(fastestNs)
                .as(
                        "nanoseconds of the fastest restart of three, on a busy machine: no time-out of Aeron's is this short")
                .isLessThan(TimeUnit.SECONDS.toNanos(4));
        assertThat(zero.counters().get(EndpointCounter.SESSIONS_OPENED)).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 8_192, 65_536})
    void shouldAllocateNothingWhenSealingAndChecking(final int length) {
        final AeronNetwork network = network(Wait.ipcTable(2), 1);
        final AeronEndpoint from = network.open(0);
        final AeronEndpoint to = network.open(1);
        exchange(from, to, 1, 65_536);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final int operations = 20_000_000 / (length + 4_000);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 8 && least > 0; round++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < operations; i++) {
                if (from.send(1, message, 0, 16, message, 100, length - 16) != SendResult.SENT) {
                    to.poll(ignore, 1_000);
                    from.poll(ignore, 1);
                }
                if (length <= from.maxClaimLength() && from.claim(1, length, claim) == SendResult.SENT) {
                    claim.buffer().putLong(0, i);
                    claim.commit();
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes allocated by %d operations", operations).isZero();
        assertThat(to.counters().dropped() - to.counters().get(EndpointCounter.DROPPED_STALE_HANDSHAKE))
                .isZero();
    }

    private AeronNetwork network(final AddressTable table, final int secret) {
        final AeronNetwork network =
                Secrets.network(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent), secret);
        opened.add(network);
        return network;
    }
}
