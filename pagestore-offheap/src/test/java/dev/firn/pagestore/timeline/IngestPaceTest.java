package dev.firn.pagestore.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.nativeio.seam.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IngestPaceTest {
    private static final long LIMIT = 1L << 30;
    private static final int BYTES = 1 << 20;
    private static final double HALFWAY_BYTES_A_SECOND = 64 << 20;

    private final StillClock clock = new StillClock();
    private final IngestPace pace = new IngestPace(clock, LIMIT);

    /** Moves when it is told to. */
    private static final class StillClock implements Clock {
        private long nowNs;

        @Override
        public long nanoTime() {
            return nowNs;
        }

        @Override
        public long epochNs() {
            return nowNs;
        }
    }

    @Test
    void shouldTakeWhateverComesUpToTheLimit() {
        for (int i = 0; i < 100; i++) {
            assertThat(pace.mayTake(LIMIT)).isTrue();
            pace.taken(BYTES, LIMIT);
        }
    }

    @Test
    void shouldBeTheSlowerTheMoreThereIsToMerge() {
        assertThat(bytesASecond(LIMIT + LIMIT / 2)).isCloseTo(HALFWAY_BYTES_A_SECOND, within(1e4));
        assertThat(bytesASecond(LIMIT + LIMIT / 4)).isCloseTo(3 * HALFWAY_BYTES_A_SECOND, within(1e5));
        assertThat(bytesASecond(LIMIT + LIMIT / 4 * 3)).isCloseTo(HALFWAY_BYTES_A_SECOND / 3, within(1e4));
    }

    @Test
    void shouldTakeNothingAtTwiceTheLimitAndGoOnBelow() {
        clock.nowNs = TimeUnit.DAYS.toNanos(1);
        assertThat(pace.mayTake(2 * LIMIT)).isFalse();
        assertThat(pace.mayTake(2 * LIMIT - 1)).isTrue();
        pace.taken(BYTES, 2 * LIMIT - 1);
        assertThat(pace.mayTake(2 * LIMIT - 1)).isFalse();
        assertThat(pace.mayTake(LIMIT)).as("merged meanwhile").isTrue();
    }

    private double bytesASecond(final long debtBytes) {
        assertThat(pace.mayTake(debtBytes)).isTrue();
        pace.taken(BYTES, debtBytes);
        final long beganNs = clock.nowNs;
        while (!pace.mayTake(debtBytes)) {
            clock.nowNs += 100;
        }
        return BYTES * 1e9 / (clock.nowNs - beganNs);
    }
}
