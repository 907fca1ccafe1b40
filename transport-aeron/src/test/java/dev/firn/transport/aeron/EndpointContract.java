package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every endpoint promises of messages in two parts and of claims. */
abstract class EndpointContract {
    private static final long SEED = 0xE9D7_0001L;

    private final RandomGenerator random = SystemRandom.seeded(SEED);
    private final UnsafeBuffer content = new UnsafeBuffer(new byte[Endpoint.MAX_MESSAGE_LENGTH + 100]);
    private final MessageClaim claim = new MessageClaim();
    private final List<byte[]> received = new ArrayList<>();

    /** One of two nodes, 0 and 1, that reach each other. */
    abstract Endpoint node(int id);

    /** Lets messages move on. */
    abstract void pump();

    private void sent(final Endpoint from, final DirectBuffer head, final int headLength, final int bodyLength) {
        Wait.until("the message is taken", () -> {
            pump();
            from.poll((source, buffer, offset, length) -> {}, 1);
            return from.send(1, head, 3, headLength, content, 7, bodyLength) == SendResult.SENT;
        });
    }

    private void claimed(final Endpoint from, final int length) {
        Wait.until("the claim is granted", () -> {
            pump();
            from.poll((source, buffer, offset, size) -> {}, 1);
            return from.claim(1, length, claim) == SendResult.SENT;
        });
    }

    private byte[] next(final Endpoint to) {
        Wait.until("the message is there", () -> {
            pump();
            to.poll(
                    (source, buffer, offset, length) -> {
                        final byte[] copy = new byte[length];
                        buffer.getBytes(offset, copy);
                        received.add(copy);
                        assertThat(source).isZero();
                    },
                    1);
            return !received.isEmpty();
        });
        return received.removeFirst();
    }

    private byte[] expected(final DirectBuffer head, final int headLength, final int bodyLength) {
        final byte[] all = new byte[headLength + bodyLength];
        head.getBytes(3, all, 0, headLength);
        content.getBytes(7, all, headLength, bodyLength);
        return all;
    }

    private void connect(final Endpoint from, final Endpoint to) {
        Wait.until("the nodes reach each other", () -> {
            pump();
            from.send(1, content, 0, 1);
            from.poll((source, buffer, offset, length) -> {}, 1);
            to.poll((source, buffer, offset, length) -> received.add(new byte[0]), 1);
            return !received.isEmpty();
        });
        // Many may have been sent before the first one came.
        sent(from, content, 0, 2);
        Wait.until("the last one is there", () -> {
            pump();
            to.poll((source, buffer, offset, length) -> received.add(new byte[length]), 1_000);
            return received.getLast().length == 2;
        });
        received.clear();
    }

    @Test
    void shouldDeliverInOnePieceWhenAMessageLiesInTwo() {
        final Endpoint from = node(0);
        final Endpoint to = node(1);
        connect(from, to);
        random.nextBytes(content.byteArray());
        final UnsafeBuffer head = new UnsafeBuffer(new byte[20_000]);
        random.nextBytes(head.byteArray());
        final int[] heads = {0, 1, 13, 64, 8_000, 19_000};
        final int[] bodies = {0, 1, 15, 16, 500, 8_800, 8_864, 9_000, 100_000, 1_000_000};
        for (final int headLength : heads) {
            for (final int bodyLength : bodies) {
                sent(from, head, headLength, bodyLength);
                assertThat(next(to))
                        .as("%d + %d bytes", headLength, bodyLength)
                        .isEqualTo(expected(head, headLength, bodyLength));
            }
        }
        sent(from, head, 16, Endpoint.MAX_MESSAGE_LENGTH - 16);
        assertThat(next(to)).isEqualTo(expected(head, 16, Endpoint.MAX_MESSAGE_LENGTH - 16));
    }

    @Test
    void shouldDeliverWhatWasWrittenInPlaceWhenAClaimIsCommitted() {
        final Endpoint from = node(0);
        final Endpoint to = node(1);
        connect(from, to);
        random.nextBytes(content.byteArray());
        for (final int length : new int[] {0, 1, 100, 8_192, from.maxClaimLength()}) {
            claimed(from, length);
            assertThat(claim.length()).isEqualTo(length);
            claim.buffer().putBytes(0, content, 7, length);
            claim.commit();
            assertThat(next(to)).isEqualTo(expected(content, 0, length));
        }
    }

    @Test
    void shouldDeliverWhatComesAfterWhenAClaimIsAborted() {
        final Endpoint from = node(0);
        final Endpoint to = node(1);
        connect(from, to);
        for (int i = 0; i < 10; i++) {
            claimed(from, 100);
            claim.buffer().setMemory(0, 100, (byte) 1);
            claim.abort();
            assertThat(claim.isOpen()).isFalse();
            sent(from, content, 0, 5);
            assertThat(next(to)).hasSize(5);
        }
    }

    @Test
    void shouldRefuseWhenAClaimIsOpenOrShutOrTooLong() {
        final Endpoint from = node(0);
        connect(from, node(1));
        assertThatIllegalArgumentException().isThrownBy(() -> from.claim(1, from.maxClaimLength() + 1, claim));
        assertThatIllegalArgumentException().isThrownBy(() -> from.claim(1, -1, claim));
        assertShut(claim::commit);
        assertShut(claim::abort);
        assertShut(claim::buffer);

        claimed(from, 10);
        assertThatIllegalStateException()
                .isThrownBy(() -> from.claim(1, 10, new MessageClaim()))
                .withMessage("a claim of node 0 is open: commit or abort it first");
        assertThatIllegalStateException()
                .isThrownBy(() -> from.send(1, content, 0, 10))
                .withMessage("a claim of node 0 is open: commit or abort it first");
        claim.commit();
        assertShut(claim::commit);
    }

    private static void assertShut(final ThrowingCallable call) {
        assertThatIllegalStateException().isThrownBy(call).withMessage("this claim is not open");
    }

    @Test
    void shouldSayClosedWhenTheEndpointWasClosed() {
        final Endpoint from = node(0);
        connect(from, node(1));
        claimed(from, 10);
        from.close();
        claim.commit();

        assertThat(from.claim(1, 10, claim)).isEqualTo(SendResult.CLOSED);
        assertThat(claim.isOpen()).isFalse();
        assertThat(from.send(1, content, 0, 3, content, 9, 2)).isEqualTo(SendResult.CLOSED);
    }
}
