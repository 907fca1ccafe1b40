package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CompilerTimeTest {
    private static final long NOBODY = Long.MAX_VALUE;

    @Test
    void shouldTellWhatThisProcessHasCompiled() {
        final long self = ProcessHandle.current().pid();
        final Duration all = ProcessHandle.current().info().totalCpuDuration().orElseThrow();

        final Duration compilers = CompilerTime.of(Set.of(self));

        assertThat(compilers).isPositive().isLessThan(all.plusSeconds(1));
    }

    @Test
    void shouldPassOverWhatHasEnded() {
        assertThat(CompilerTime.of(Set.of(NOBODY))).isZero();
    }
}
