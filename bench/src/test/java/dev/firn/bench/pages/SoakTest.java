package dev.firn.bench.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.bench.OnDisk;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.harness.RunResources;
import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An hour of ingest and reads takes no more memory than it may, and no more at its end than at its begin. */
@Tag("long")
final class SoakTest {
    private static final String SECONDS = "firn.soak.seconds";
    private static final int DEFAULT_SECONDS = 3_600;
    private static final double MOST_OF_BUDGET = 1.1;
    private static final double MOST_GROWTH = 0.02;

    @TempDir(factory = OnDisk.class)
    private Path directory;

    @Test
    void shouldStayWithinItsBudgetAndNotGrow() throws Exception {
        final Duration length = Duration.ofSeconds(Integer.getInteger(SECONDS, DEFAULT_SECONDS));
        final SoakMeasurement measured;
        try (RunResources resources = new RunResources()) {
            measured = SoakBenchmark.measure(
                    new BenchContext(
                            BenchOptions.defaults(directory),
                            new SoakBenchmark().info(),
                            ForkedJvm.ofProject(ForkedJvm.findRoot()),
                            resources,
                            new Progress(System.err, false, SystemClock.INSTANCE),
                            result -> {}),
                    length);
        }
        assertThat(measured.walBytes()).isGreaterThan(length.toSeconds() << 20);
        assertThat(measured.pagesRead()).isGreaterThan(100 * length.toSeconds());
        assertThat((double) measured.mostBytes() / measured.budgetBytes())
                .as("%s", measured)
                .isLessThan(MOST_OF_BUDGET);
        assertThat(measured.growth()).as("%s", measured).isLessThan(MOST_GROWTH);
        assertThat(measured.heldGrowth()).as("%s", measured).isLessThan(MOST_GROWTH);
    }
}
