package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.authentication.Authenticator;
import dev.firn.transport.authentication.HandshakeMessage;
import dev.firn.transport.authentication.OutgoingSession;
import dev.firn.transport.codec.HandshakeEncoder;
import dev.firn.transport.codec.MessageHeaderEncoder;
import dev.firn.transport.codec.SealedFrameEncoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Everything that can arrive at a node with a secret, damaged in all ways. */
final class FrameGateFuzzTest {
    private static final long SEED = 0xF0_22_0001L;
    private static final int FRAMES = 60_000;
    private static final int SELF = 4;
    private static final int PEER = 9;
    private static final Set<Integer> NODES = Set.of(SELF, PEER);

    private final RandomGenerator random = SystemRandom.seeded(SEED);
    private final ArrayDeque<UnsafeBuffer> toPeer = new ArrayDeque<>();
    private final ArrayDeque<UnsafeBuffer> toSelf = new ArrayDeque<>();
    private final Authenticator self = authenticator(SELF, toPeer);
    private final Authenticator peer = authenticator(PEER, toSelf);
    private final FrameGate gate = new FrameGate(new FrameReader(SELF, NODES), self, NODES);
    private final FrameGate peersGate = new FrameGate(new FrameReader(PEER, NODES), peer, NODES);

    private Authenticator authenticator(final int nodeId, final ArrayDeque<UnsafeBuffer> out) {
        return new Authenticator(
                Secrets.secret(1),
                nodeId,
                NODES,
                peerId -> false,
                message -> out.add(encoded(message)),
                SystemClock.INSTANCE,
                random);
    }

    private static UnsafeBuffer encoded(final HandshakeMessage message) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[FrameLayout.HANDSHAKE_LENGTH]);
        FrameLayout.encode(message, new HandshakeEncoder(), new MessageHeaderEncoder(), frame, 0);
        return frame;
    }

    /** Opens the sessions of both directions; returns every frame that {@code SELF} got. */
    private List<UnsafeBuffer> openSessions() {
        final List<UnsafeBuffer> seen = new ArrayList<>();
        peer.to(SELF).open();
        self.to(PEER).open();
        while (!toSelf.isEmpty() || !toPeer.isEmpty()) {
            final UnsafeBuffer frame = toSelf.isEmpty() ? toPeer.remove() : toSelf.peek();
            if (frame == toSelf.peek()) {
                seen.add(toSelf.remove());
                gate.judge(frame, 0, frame.capacity());
            } else {
                peersGate.judge(frame, 0, frame.capacity());
            }
        }
        assertThat(peer.to(SELF).established()).isTrue();
        assertThat(self.to(PEER).established()).isTrue();
        return seen;
    }

    private UnsafeBuffer sealed(final int payloadLength) {
        final OutgoingSession session = peer.to(SELF);
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[FrameLayout.SEALED_HEADER_LENGTH + payloadLength]);
        final SealedFrameEncoder header = FrameLayout.sealedHeader(PEER, SELF)
                .sessionId(session.sessionId())
                .number(session.nextNumber())
                .code(session.seal(frame, FrameLayout.SEALED_HEADER_LENGTH, payloadLength, frame, 0, 0));
        frame.putBytes(0, header.buffer(), 0, FrameLayout.SEALED_HEADER_LENGTH);
        session.sent();
        return frame;
    }

    @Test
    void shouldAcceptWhatThePeerSealedAndNothingTwice() {
        openSessions();
        for (int length = 0; length < 200; length++) {
            final UnsafeBuffer frame = sealed(length);
            assertThat(gate.judge(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.ACCEPTED);
            assertThat(gate.judge(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.REPLAYED);
        }
    }

    @Test
    void shouldAcceptNothingThatWasDamaged() {
        final List<UnsafeBuffer> handshakes = openSessions();
        final Map<FrameVerdict, Integer> counts = new EnumMap<>(FrameVerdict.class);
        for (int i = 0; i < FRAMES; i++) {
            final UnsafeBuffer frame = random.nextInt(3) == 0
                    ? new UnsafeBuffer(handshakes
                            .get(random.nextInt(handshakes.size()))
                            .byteArray()
                            .clone())
                    : sealed(random.nextInt(64));
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                // Changed by a value that is not zero, and each place at most once: the frame does differ.
                final int index = (random.nextInt(frame.capacity() / 3) * 3) + flips - 1;
                frame.putByte(index, (byte) (frame.getByte(index) + 1 + random.nextInt(255)));
            }
            final int length = random.nextInt(8) == 0 ? random.nextInt(frame.capacity()) : frame.capacity();
            counts.merge(gate.judge(new UnsafeBuffer(frame, 0, length), 0, length), 1, Integer::sum);
            toPeer.clear();
        }

        assertThat(counts)
                .as("seed %x", SEED)
                .doesNotContainKeys(FrameVerdict.ACCEPTED, FrameVerdict.SESSION_OPENED, FrameVerdict.NO_SECRET)
                .containsKeys(
                        FrameVerdict.TOO_SHORT,
                        FrameVerdict.FOREIGN,
                        FrameVerdict.WRONG_VERSION,
                        FrameVerdict.MALFORMED,
                        FrameVerdict.UNKNOWN_SOURCE,
                        FrameVerdict.WRONG_DESTINATION,
                        FrameVerdict.UNKNOWN_SESSION,
                        FrameVerdict.WRONG_CODE,
                        FrameVerdict.WRONG_PROOF,
                        FrameVerdict.STALE_HANDSHAKE);
        final UnsafeBuffer frame = sealed(100);
        assertThat(gate.judge(frame, 0, frame.capacity()))
                .as("the session goes on")
                .isEqualTo(FrameVerdict.ACCEPTED);
    }

    @Test
    void shouldAcceptNothingRandom() {
        openSessions();
        for (int i = 0; i < FRAMES; i++) {
            final byte[] bytes = new byte[random.nextInt(160)];
            random.nextBytes(bytes);
            final UnsafeBuffer frame = new UnsafeBuffer(bytes);
            if (bytes.length >= FrameLayout.PLAIN_HEADER_LENGTH && random.nextBoolean()) {
                // Past the first checks, into each of the messages.
                FrameLayout.encodePlain(frame, 0, PEER, SELF);
                frame.putByte(2, (byte) (1 + random.nextInt(3)));
                frame.putByte(0, (byte) new int[] {8, 32, FrameLayout.HANDSHAKE_LENGTH - 8}[frame.getByte(2) - 1]);
            }
            assertThat(gate.judge(frame, 0, bytes.length))
                    .as("seed %x, frame %d", SEED, i)
                    .isNotIn(FrameVerdict.ACCEPTED, FrameVerdict.SESSION_OPENED);
            toPeer.clear();
        }
    }
}
