package dev.firn.transport.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Three nodes open sessions over a network that loses, doubles and reorders, while nodes restart and a stranger replays and
 * changes what it has recorded. Safe: what a node accepts was sent by that peer to that node, unchanged, and is accepted
 * once. Live: when the faults end, every node soon reaches every other.
 */
final class HandshakeSimulationTest {
    private static final int SEEDS = 100;
    private static final int NODES = 3;
    private static final int FAULTY_STEPS = 1_500;
    private static final long STEP_NS = 1_000_000;
    private static final int PAYLOAD_BYTES = 16;

    /** Steps of a millisecond: a few of the longest pauses, for now and then a log has no room for an answer. */
    private static final int STEPS_TO_RECOVER = 1_200;

    private final PeerSecret secret =
            PeerSecret.of("one secret for all of the three nodes".getBytes(StandardCharsets.US_ASCII));

    /** Something on the wire: a handshake's message, or a frame. */
    private record Packet(
            long arrivalNs,
            long order,
            HandshakeMessage handshake,
            int source,
            int destination,
            long session,
            long number,
            long code,
            byte[] payload)
            implements Comparable<Packet> {
        @Override
        public int compareTo(final Packet other) {
            final int byTime = Long.compare(arrivalNs, other.arrivalNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final class World {
        private final RandomGenerator random;
        private final Authenticator[] nodes = new Authenticator[NODES];
        private final PriorityQueue<Packet> wire = new PriorityQueue<>();
        private final List<Packet> recorded = new ArrayList<>();
        private final Set<Long> sentMarks = new HashSet<>();
        private final Set<Long> acceptedMarks = new HashSet<>();
        private long nowNs;
        private long packets;
        private long marks;
        private double refusal = 0.1;
        private double loss = 0.2;
        private double doubling = 0.1;
        private double lateness = 0.3;
        private int accepted;
        private int restarts;
        private final boolean[][] reached = new boolean[NODES][NODES];
        private final Clock clock = new Clock() {
            @Override
            public long nanoTime() {
                return nowNs;
            }

            @Override
            public long epochNs() {
                return nowNs;
            }
        };

        private World(final long seed) {
            random = SystemRandom.seeded(seed);
            nowNs = random.nextLong();
            for (int i = 0; i < NODES; i++) {
                start(i);
            }
        }

        private void start(final int node) {
            nodes[node] = new Authenticator(
                    secret, node, List.of(0, 1, 2), peer -> false, this::sendHandshake, clock, random);
        }

        private boolean sendHandshake(final HandshakeMessage message) {
            if (random.nextDouble() < refusal) {
                return false;
            }
            transmit(new Packet(
                    0, 0, copy(message), message.sourceNodeId(), message.destinationNodeId(), 0, 0, 0, null));
            return true;
        }

        private void transmit(final Packet packet) {
            recorded.add(packet);
            if (random.nextDouble() >= loss) {
                put(packet);
            }
            if (random.nextDouble() < doubling) {
                put(packet);
            }
        }

        private void put(final Packet packet) {
            final long delayNs =
                    random.nextLong(STEP_NS) + (random.nextDouble() < lateness ? random.nextLong(50 * STEP_NS) : 0);
            wire.add(new Packet(
                    nowNs + delayNs,
                    packets++,
                    packet.handshake,
                    packet.source,
                    packet.destination,
                    packet.session,
                    packet.number,
                    packet.code,
                    packet.payload));
        }

        private void sendFrame(final int from, final int to) {
            final OutgoingSession session = nodes[from].to(to);
            session.open();
            if (!session.established()) {
                return;
            }
            final long mark = ++marks << 8 | (long) from << 4 | to;
            sentMarks.add(mark);
            final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_BYTES]);
            payload.putLong(0, mark);
            final long code = session.seal(payload, 0, 4, payload, 4, PAYLOAD_BYTES - 4);
            transmit(new Packet(
                    0, 0, null, from, to, session.sessionId(), session.nextNumber(), code, payload.byteArray()));
            session.sent();
        }

        private void deliver() {
            while (!wire.isEmpty() && wire.peek().arrivalNs - nowNs <= 0) {
                final Packet packet = wire.remove();
                if (packet.handshake != null) {
                    nodes[packet.destination].onHandshake(copy(packet.handshake));
                } else {
                    deliverFrame(packet);
                }
            }
        }

        private void deliverFrame(final Packet packet) {
            final UnsafeBuffer payload = new UnsafeBuffer(packet.payload);
            if (nodes[packet.destination].check(
                            packet.source, packet.session, packet.number, packet.code, payload, 0, PAYLOAD_BYTES)
                    == FrameCheck.ACCEPTED) {
                final long mark = payload.getLong(0);
                assertThat(sentMarks).as("sent by its source").contains(mark);
                assertThat(mark & 0xFF).as("from and to").isEqualTo((long) packet.source << 4 | packet.destination);
                assertThat(acceptedMarks.add(mark))
                        .as("accepted for the first time")
                        .isTrue();
                accepted++;
                reached[packet.source][packet.destination] = true;
            }
        }

        /** A stranger sends something that it has seen, as it was or changed. */
        private void attack() {
            final Packet seen = recorded.get(random.nextInt(recorded.size()));
            if (random.nextBoolean()) {
                put(seen);
                return;
            }
            final int source = random.nextInt(NODES);
            final int destination = random.nextInt(NODES);
            if (seen.handshake == null) {
                final byte[] payload = seen.payload.clone();
                payload[random.nextInt(PAYLOAD_BYTES)] ^= (byte) (1 << random.nextInt(8));
                final boolean samePayload = random.nextBoolean();
                put(new Packet(
                        0,
                        0,
                        null,
                        samePayload ? source : seen.source,
                        samePayload ? destination : seen.destination,
                        seen.session,
                        samePayload ? seen.number + random.nextInt(3) : seen.number,
                        seen.code,
                        samePayload ? seen.payload : payload));
            } else {
                final HandshakeMessage message = copy(seen.handshake);
                message.set(
                        random.nextBoolean() ? message.kind() : HandshakeKind.values()[random.nextInt(5)],
                        source,
                        destination,
                        message.openerNonce0(),
                        message.openerNonce1(),
                        message.listenerNonce0() ^ (random.nextBoolean() ? 1 : 0),
                        message.listenerNonce1(),
                        message.sessionId());
                put(new Packet(0, 0, message, source, destination, 0, 0, 0, null));
            }
        }

        private void step() {
            nowNs += STEP_NS;
            deliver();
            for (final Authenticator node : nodes) {
                node.drive();
            }
            sendFrame(random.nextInt(NODES), random.nextInt(NODES));
        }

        private boolean allReached() {
            for (final boolean[] row : reached) {
                for (final boolean one : row) {
                    if (!one) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    private static HandshakeMessage copy(final HandshakeMessage message) {
        final HandshakeMessage copy = new HandshakeMessage();
        copy.set(
                message.kind(),
                message.sourceNodeId(),
                message.destinationNodeId(),
                message.openerNonce0(),
                message.openerNonce1(),
                message.listenerNonce0(),
                message.listenerNonce1(),
                message.sessionId());
        System.arraycopy(message.proof(), 0, copy.proof(), 0, HandshakeMessage.PROOF_BYTES);
        return copy;
    }

    @Test
    void shouldAcceptOnlyWhatPeersSentAndReachThemAgainWhenFaultsEnd() {
        long accepted = 0;
        long restarts = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            final World world = new World(seed);
            try {
                run(world);
            } catch (final AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            accepted += world.accepted;
            restarts += world.restarts;
        }
        assertThat(accepted).as("frames accepted in spite of all").isGreaterThan(100L * SEEDS);
        assertThat(restarts).isGreaterThan(SEEDS);
    }

    private static void run(final World world) {
        for (int i = 0; i < FAULTY_STEPS; i++) {
            world.step();
            if (world.random.nextInt(200) == 0) {
                world.start(world.random.nextInt(NODES));
                world.restarts++;
            }
            if (world.random.nextInt(3) == 0 && !world.recorded.isEmpty()) {
                world.attack();
            }
        }
        world.loss = 0;
        world.doubling = 0;
        world.lateness = 0;
        for (int i = 0; i < 60; i++) {
            world.step();
        }
        for (final boolean[] row : world.reached) {
            Arrays.fill(row, false);
        }
        int steps = 0;
        while (!world.allReached() && steps < STEPS_TO_RECOVER) {
            world.step();
            steps++;
        }
        assertThat(world.allReached())
                .as("all reach all within %d ms", STEPS_TO_RECOVER)
                .isTrue();
    }

    @Test
    void shouldOpenAnotherSessionWithinAFewMessagesWhenThePeerRestarted() {
        final World world = new World(7);
        world.refusal = 0;
        world.loss = 0;
        world.doubling = 0;
        world.lateness = 0;
        for (int life = 0; life < 20; life++) {
            int steps = 0;
            world.reached[0][1] = false;
            while (!world.reached[0][1]) {
                world.nowNs += STEP_NS;
                world.deliver();
                world.sendFrame(0, 1);
                assertThat(++steps).as("steps in life %d", life).isLessThan(10);
            }
            world.start(1);
        }
    }

    /** Whoever holds another secret gets no further than the challenge, which tells it so. */
    @Test
    void shouldNameTheWrongSecretWhenAPeerHoldsAnother() {
        final World world = new World(8);
        final List<HandshakeMessage> answers = new ArrayList<>();
        final Authenticator stranger = new Authenticator(
                PeerSecret.of("quite another secret than the others'".getBytes(StandardCharsets.US_ASCII)),
                1,
                List.of(0, 1, 2),
                peer -> false,
                message -> answers.add(copy(message)),
                world.clock,
                world.random);
        final List<HandshakeMessage> greetings = new ArrayList<>();
        final Authenticator node = new Authenticator(
                secret,
                0,
                List.of(0, 1, 2),
                peer -> false,
                message -> greetings.add(copy(message)),
                world.clock,
                world.random);

        node.to(1).open();
        assertThat(stranger.onHandshake(greetings.removeFirst())).isEqualTo(HandshakeCheck.WRONG_PROOF);
        assertThat(node.onHandshake(answers.removeFirst())).isEqualTo(HandshakeCheck.WRONG_PROOF);
        assertThat(greetings).isEmpty();
        assertThat(node.to(1).established()).isFalse();
    }
}
