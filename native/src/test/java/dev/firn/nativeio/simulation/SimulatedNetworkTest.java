package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
    private static final long SECOND = 1_000_000_000;

    private final UnsafeBuffer message = new UnsafeBuffer(new byte[64]);

    private record Net(Scheduler scheduler, SimulatedNetwork network, Endpoint zero, Endpoint one) {
        private static Net of(final long seed, final NetworkFaults faults) {
            final Scheduler scheduler = new Scheduler(seed, Trace.silent());
            final SimulatedNetwork network = new SimulatedNetwork(scheduler, seed, 3, faults);
            return new Net(scheduler, network, network.open(0), network.open(1));
        }
    }

    private SendResult send(final Endpoint from, final int to, final int value) {
        message.putInt(8, value);
        return from.send(to, message, 8, Integer.BYTES);
    }

    private static List<Integer> receive(final Endpoint endpoint) {
        final List<Integer> values = new ArrayList<>();
        endpoint.poll((source, buffer, offset, length) -> values.add(buffer.getInt(offset)), Integer.MAX_VALUE);
        return values;
    }

    private List<Integer> sendHundred(final Net net) {
        for (int i = 0; i < 100; i++) {
            while (send(net.zero(), 1, i) == SendResult.BACK_PRESSURED) {
                net.scheduler().runFor(1_000);
            }
        }
        net.scheduler().runFor(SECOND);
        return receive(net.one());
    }

    @Test
    void shouldDeliverOnceAndInOrderWithoutFaults() {
        final List<Integer> received = sendHundred(Net.of(1, NetworkFaults.NONE));
        assertThat(received).hasSize(100).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void shouldLoseDoubleAndReorderByChanceTheSameWayForTheSameSeed() {
        boolean lost = false;
        boolean doubled = false;
        boolean reordered = false;
        final Set<List<Integer>> outcomes = new HashSet<>();
        for (long seed = 1; seed <= 20; seed++) {
            final List<Integer> received = sendHundred(Net.of(seed, NetworkFaults.HARSH));
            assertThat(sendHundred(Net.of(seed, NetworkFaults.HARSH))).isEqualTo(received);
            final Set<Integer> distinct = new HashSet<>(received);
            assertThat(distinct).isSubsetOf(IntStream.range(0, 100).boxed().toList());
            lost |= distinct.size() < 100;
            doubled |= distinct.size() < received.size();
            reordered |= !received.equals(received.stream().sorted().toList());
            outcomes.add(received);
        }
        assertThat(lost).as("lost").isTrue();
        assertThat(doubled).as("doubled").isTrue();
        assertThat(reordered).as("reordered").isTrue();
        assertThat(outcomes).hasSize(20);
    }

    @Test
    void shouldCutOneDirectionOrBoth() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        net.network().partitionOneWay(0, 1);
        final EnumSet<SendResult> results = EnumSet.noneOf(SendResult.class);
        for (int i = 0; i < 50; i++) {
            results.add(send(net.zero(), 1, i));
        }
        send(net.one(), 0, 7);
        net.scheduler().runFor(SECOND);
        assertThat(results).containsExactlyInAnyOrder(SendResult.SENT, SendResult.NOT_CONNECTED);
        assertThat(receive(net.one())).isEmpty();
        assertThat(receive(net.zero())).containsExactly(7);

        net.network().partition(0, 1);
        send(net.one(), 0, 8);
        net.scheduler().runFor(SECOND);
        assertThat(receive(net.zero())).isEmpty();
        net.network().heal(0, 1);
        send(net.one(), 0, 9);
        send(net.zero(), 1, 10);
        net.scheduler().runFor(SECOND);
        assertThat(receive(net.zero())).containsExactly(9);
        assertThat(receive(net.one())).containsExactly(10);
    }

    @Test
    void shouldLoseWhatIsOnItsWayWhenTheLinkIsCut() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        assertThat(send(net.zero(), 1, 1)).isEqualTo(SendResult.SENT);
        net.network().isolate(1);
        net.scheduler().runFor(SECOND);
        net.network().healAll();
        net.scheduler().runFor(SECOND);
        assertThat(receive(net.one())).isEmpty();
    }

    @Test
    void shouldPushBackWhenTheReceiverDoesNotPoll() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        int sent = 0;
        for (int i = 0; i < 3 * SimulatedNetwork.INBOX_MESSAGES; i++) {
            sent += send(net.zero(), 1, i) == SendResult.SENT ? 1 : 0;
            net.scheduler().runFor(1_000);
        }
        net.scheduler().runFor(SECOND);
        assertThat(sent).isEqualTo(SimulatedNetwork.INBOX_MESSAGES + SimulatedNetwork.LINK_MESSAGES);
        assertThat(send(net.zero(), 1, 0)).isEqualTo(SendResult.BACK_PRESSURED);
        final List<Integer> received = receive(net.one());
        net.scheduler().runFor(SECOND);
        received.addAll(receive(net.one()));
        assertThat(received).hasSize(sent).doesNotHaveDuplicates();
        assertThat(send(net.zero(), 1, 0)).isEqualTo(SendResult.SENT);
    }

    @Test
    void shouldDropTheInboxOfACrashedHost() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        send(net.zero(), 1, 1);
        net.scheduler().runFor(SECOND);
        net.network().crash(1);
        assertThat(net.one().poll((source, buffer, offset, length) -> {}, 1)).isZero();
        assertThat(send(net.one(), 0, 1)).isEqualTo(SendResult.CLOSED);
        final Endpoint again = net.network().open(1);
        net.scheduler().runFor(SECOND);
        assertThat(receive(again)).isEmpty();
        send(net.zero(), 1, 2);
        net.scheduler().runFor(SECOND);
        assertThat(receive(again)).containsExactly(2);
    }

    @Test
    void shouldCopyMessagesAndLendThemForTheCallOnly() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        send(net.zero(), 1, 0x01020304);
        message.putInt(8, 0);
        net.scheduler().runFor(SECOND);
        final List<DirectBuffer> kept = new ArrayList<>();
        final int[] at = new int[1];
        net.one()
                .poll(
                        (source, buffer, offset, length) -> {
                            assertThat(source).isZero();
                            assertThat(buffer.getInt(offset)).isEqualTo(0x01020304);
                            kept.add(buffer);
                            at[0] = offset;
                        },
                        1);
        assertThat(kept.getFirst().getByte(at[0])).isEqualTo(RingOperation.SCRIBBLE);
    }

    @Test
    void shouldRefuseMisuse() {
        final Net net = Net.of(1, NetworkFaults.NONE);
        assertThatIllegalStateException().isThrownBy(() -> net.network().open(1));
        assertThatIllegalArgumentException().isThrownBy(() -> net.network().open(3));
        assertThatIllegalArgumentException().isThrownBy(() -> send(net.zero(), 3, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> net.zero().send(1, message, 0, net.zero().maxMessageLength() + 1));
        send(net.zero(), 1, 1);
        net.scheduler().runFor(SECOND);
        assertThatIllegalStateException()
                .isThrownBy(() -> net.one()
                        .poll((source, buffer, offset, length) -> net.one().poll((s, b, o, l) -> {}, 1), 1));
        net.network().close();
        assertThat(send(net.zero(), 1, 1)).isEqualTo(SendResult.CLOSED);
    }
}
