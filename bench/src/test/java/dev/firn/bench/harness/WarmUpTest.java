package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WarmUpTest {
    private static final Duration TURN = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private Duration compiled = Duration.ZERO;
    private int turns;

    @Test
    void shouldGoOnUntilCompilersAreAtRest() throws Exception {
        // 40 %, 10 %, 4.4 %, 2.5 % of the turn.
        warmUp().run("a side", Set.of(1L), () -> turn(4_000 / ((turns + 1) * (turns + 1))));
        assertThat(turns).isEqualTo(4);
        assertThat(shown.toString(StandardCharsets.UTF_8)).doesNotContain("compilers");
    }

    @Test
    void shouldSayThatTheyAreNotWhenItEndsAllTheSame() throws Exception {
        warmUp().run("a side", Set.of(1L), () -> turn(2_000));
        assertThat(turns).isEqualTo(6);
        assertThat(shown.toString(StandardCharsets.UTF_8))
                .contains("a side: compilers still take 20 % of a processor after 60 s of warming up");
    }

    @Test
    void shouldTakeOneTurnWithoutCompilers() throws Exception {
        new WarmUp(progress(), LONGEST).run("a side", Set.of(), () -> turn(2_000));
        assertThat(turns).isOne();
    }

    private WarmUp warmUp() {
        return new WarmUp(progress(), LONGEST, processes -> {
            assertThat(processes).containsExactly(1L);
            return compiled;
        });
    }

    private Progress progress() {
        return new Progress(new PrintStream(shown, true, StandardCharsets.UTF_8), false, SystemClock.INSTANCE);
    }

    private Duration turn(final int compiledMs) {
        turns++;
        compiled = compiled.plusMillis(compiledMs);
        return TURN;
    }
}
