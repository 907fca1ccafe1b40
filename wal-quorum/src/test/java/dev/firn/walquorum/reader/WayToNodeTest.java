package dev.firn.walquorum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The first message to a node opens the way there, which takes some milliseconds. */
final class WayToNodeTest {
    private static final long STEP_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private long nowNs;
    private long opensAtNs;
    private long askedAtNs = -1;
    private int tries;

    @Test
    void shouldAskSoonAfterTheWayIsOpen() {
        opensAtNs = TimeUnit.MILLISECONDS.toNanos(8);

        run(TimeUnit.SECONDS.toNanos(1));

        assertThat(askedAtNs).isBetween(opensAtNs, 3 * opensAtNs);
    }

    @Test
    void shouldNotTryAllTheTimeWhenNobodyIsThere() {
        opensAtNs = Long.MAX_VALUE;

        run(TimeUnit.SECONDS.toNanos(10));

        final long perSecond = TimeUnit.SECONDS.toNanos(1) / ReaderConfig.DEFAULT.roundNs();
        assertThat(tries).isLessThan((int) (3 * (10 * perSecond + 10)));
    }

    private void run(final long durationNs) {
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("test", 8 << 20));
                CommittedWalReaders readers = new CommittedWalReaders(
                        new Way(), memory, new Hands(), SystemRandom.seeded(1), ReaderConfig.DEFAULT)) {
            readers.open(1, List.of(1, 2, 3), 0x1000000, (lsn, buffer, offset, length) -> length);
            while (nowNs < durationNs && askedAtNs < 0) {
                readers.doWork();
                nowNs += STEP_NS;
            }
        }
    }

    private final class Hands implements Clock {
        @Override
        public long nanoTime() {
            return nowNs;
        }

        @Override
        public long epochNs() {
            return nowNs;
        }
    }

    private final class Way implements Endpoint {
        @Override
        public int nodeId() {
            return 0;
        }

        @Override
        public int maxMessageLength() {
            return MAX_MESSAGE_LENGTH;
        }

        @Override
        public int maxClaimLength() {
            return MAX_CLAIM_LENGTH;
        }

        @Override
        public SendResult send(
                final int destinationNodeId,
                final DirectBuffer head,
                final int headOffset,
                final int headLength,
                final DirectBuffer body,
                final int bodyOffset,
                final int bodyLength) {
            tries++;
            if (nowNs < opensAtNs) {
                return SendResult.NOT_CONNECTED;
            }
            askedAtNs = askedAtNs < 0 ? nowNs : askedAtNs;
            return SendResult.SENT;
        }

        @Override
        public SendResult claim(final int destinationNodeId, final int length, final MessageClaim claim) {
            return SendResult.NOT_CONNECTED;
        }

        @Override
        public int poll(final MessageHandler handler, final int limit) {
            return 0;
        }

        @Override
        public void close() {}
    }
}
