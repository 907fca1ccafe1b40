package dev.firn.transport.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a frame its code covers: all of it between hosts, its header in shared memory. */
final class AuthenticatorTest {
    private static final int OPENER = 1;
    private static final int LISTENER = 2;
    private static final int LENGTH = 1_000;

    private final RandomGenerator random = SystemRandom.seeded(11);
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[LENGTH]);
    private Authenticator opener;
    private Authenticator listener;

    private Authenticator authenticator(final int nodeId, final boolean isLocal) {
        return new Authenticator(
                PeerSecret.of("a secret of thirty-two bytes, at least".getBytes(StandardCharsets.US_ASCII)),
                nodeId,
                List.of(OPENER, LISTENER),
                peerId -> isLocal,
                this::deliver,
                SystemClock.INSTANCE,
                random);
    }

    private boolean deliver(final HandshakeMessage message) {
        (message.destinationNodeId() == OPENER ? opener : listener).onHandshake(message);
        return true;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCoverThePayloadOnlyWhenTheListenerIsReachedOverANetwork(final boolean isLocal) {
        opener = authenticator(OPENER, isLocal);
        listener = authenticator(LISTENER, isLocal);
        opener.to(LISTENER).open();
        final OutgoingSession session = opener.to(LISTENER);
        assertThat(session.established()).isTrue();

        final long code = session.seal(payload, 0, 100, payload, 100, LENGTH - 100);
        final long number = session.nextNumber();
        final long id = session.sessionId();
        assertThat(check(id, number, code ^ 1, LENGTH)).isEqualTo(FrameCheck.WRONG_CODE);
        assertThat(check(id, number + 1, code, LENGTH)).isEqualTo(FrameCheck.WRONG_CODE);
        assertThat(check(id, number, code, LENGTH - 1)).isEqualTo(FrameCheck.WRONG_CODE);
        assertThat(check(id + 1, number, code, LENGTH)).isEqualTo(FrameCheck.UNKNOWN_SESSION);
        payload.putByte(500, (byte) 1);
        assertThat(check(id, number, code, LENGTH)).isEqualTo(isLocal ? FrameCheck.ACCEPTED : FrameCheck.WRONG_CODE);
        payload.putByte(500, (byte) 0);
        assertThat(check(id, number, code, LENGTH)).isEqualTo(isLocal ? FrameCheck.REPLAYED : FrameCheck.ACCEPTED);
    }

    @Test
    void shouldNotSendInASessionThatAPeerHasForgottenOnceItSpeaksAgain() {
        opener = authenticator(OPENER, true);
        listener = authenticator(LISTENER, true);
        opener.to(LISTENER).open();
        listener.to(OPENER).open();
        assertThat(listener.to(OPENER).opened()).isEqualTo(1);

        opener = authenticator(OPENER, true);
        opener.to(LISTENER).open();

        final OutgoingSession back = listener.to(OPENER);
        final long code = back.seal(payload, 0, LENGTH, payload, LENGTH, 0);
        assertThat(opener.check(LISTENER, back.sessionId(), back.nextNumber(), code, payload, 0, LENGTH))
                .isEqualTo(FrameCheck.ACCEPTED);
        assertThat(back.opened()).isEqualTo(2);
    }

    @Test
    void shouldKeepASessionThatThePeerKnows() {
        opener = authenticator(OPENER, true);
        listener = authenticator(LISTENER, true);
        opener.to(LISTENER).open();
        listener.to(OPENER).open();

        opener.to(LISTENER).onDisconnected();
        opener.to(LISTENER).open();

        assertThat(opener.to(LISTENER).opened()).isEqualTo(2);
        assertThat(listener.to(OPENER).opened()).isEqualTo(1);
    }

    private FrameCheck check(final long sessionId, final long number, final long code, final int length) {
        return listener.check(OPENER, sessionId, number, code, payload, 0, length);
    }
}
