package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.Clock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final HeldClock clock = new HeldClock();

    @Test
    void shouldPrintALineNowAndThenWhenThereIsNoTerminal() {
        final Progress progress = progress(false);

        progress.step("one");
        progress.step("two");
        clock.nowNs += TimeUnit.SECONDS.toNanos(6);
        progress.step("three");
        progress.clear();

        assertThat(err.toString(StandardCharsets.UTF_8).lines()).containsExactly("one", "three");
    }

    @Test
    void shouldRewriteOneLineOnATerminal() {
        final Progress progress = progress(true);

        progress.step("one");
        progress.step("two");
        progress.clear();
        progress.clear();

        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("\r\033[Kone\r\033[Ktwo\r\033[K");
    }

    private Progress progress(final boolean terminal) {
        return new Progress(new PrintStream(err, true, StandardCharsets.UTF_8), terminal, clock);
    }

    private static final class HeldClock implements Clock {
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
}
