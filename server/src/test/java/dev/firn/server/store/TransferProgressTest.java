package dev.firn.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.Clock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TransferProgressTest {
    private static final long TOTAL = 1_000_000_000;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final HeldClock clock = new HeldClock();
    private final TransferProgress progress = new TransferProgress(
            new PrintStream(err, true, StandardCharsets.UTF_8), true, false, "restore of main", clock);

    @Test
    void shouldTellNoTimeWhenTheFirstBytesHaveCome() {
        clock.advance(2_000);
        progress.moved(1_000_000, TOTAL);

        assertThat(err.toString(StandardCharsets.UTF_8).strip()).endsWith("] 0 % of 953.7 MiB");
    }

    @Test
    void shouldTellTheTimeLeftByHowFastBytesComeSinceTheFirstOfThem() {
        clock.advance(900);
        progress.moved(100_000_000, TOTAL);
        clock.advance(1_000);
        progress.moved(200_000_000, TOTAL);

        assertThat(err.toString(StandardCharsets.UTF_8).strip()).endsWith("] 20 % of 953.7 MiB, 100 MB/s, 8 s left");
    }

    @Test
    void shouldSayNothingOfAShortTransfer() {
        clock.advance(900);
        progress.moved(100_000_000, TOTAL);

        assertThat(err.size()).isZero();
    }

    private static final class HeldClock implements Clock {
        private long nowNs;

        void advance(final long millis) {
            nowNs += TimeUnit.MILLISECONDS.toNanos(millis);
        }

        @Override
        public long nanoTime() {
            return nowNs;
        }

        @Override
        public long epochNs() {
            return nowNs;
        }
    }
}
