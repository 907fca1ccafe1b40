package dev.firn.walquorum.follow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class WalTailTest {
    private static final long SEED = 20_261_122;
    private static final long START = 0x100_0000;

    @Test
    void shouldHaveTheLastBytesHoweverTheyCame() {
        final RandomGenerator random = SystemRandom.seeded(SEED);
        final byte[] wal = new byte[1 << 20];
        random.nextBytes(wal);
        final WalTail tail = new WalTail();
        int end = 0;
        while (end < wal.length) {
            final int length = Math.min(wal.length - end, 1 + random.nextInt(random.nextInt(8) == 0 ? 40_000 : 300));
            tail.keep(START + end, new UnsafeBuffer(wal), end, length);
            end += length;
            final byte[] before = tail.before(START + end);
            assertThat(before.length).isEqualTo(Math.min(end, WalTail.MOST_BYTES));
            assertThat(before).isEqualTo(Arrays.copyOfRange(wal, end - before.length, end));
        }
        assertThat(tail.before(START + end - 100))
                .isEqualTo(Arrays.copyOfRange(wal, end - WalTail.MOST_BYTES, end - 100));
    }

    @Test
    void shouldKnowNothingOfWhatItHasNotSeen() {
        final WalTail tail = new WalTail();
        assertThat(tail.before(START)).isEmpty();
        tail.keep(START, new UnsafeBuffer(new byte[100]), 0, 100);
        assertThat(tail.before(START + 101)).isEmpty();
        assertThat(tail.before(START)).isEmpty();
        // A later election has found less, and the stream begins anew behind a gap.
        tail.keep(START + 400, new UnsafeBuffer(new byte[100]), 0, 50);
        assertThat(tail.before(START + 450)).hasSize(50);
        assertThat(tail.before(START + 400)).isEmpty();
    }
}
