package dev.firn.walquorum.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.simulation.StoreFaults;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes archive one log into a store that fails, and crash. */
class SegmentArchiverSimulationTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldLoseNothingWhateverHappens(final long seed) {
        assertThat(ArchiverRun.of(seed, StoreFaults.HARSH).crashes()).isNotNegative();
    }

    @Test
    @Tag("long")
    void shouldLoseNothingInManyRuns() {
        long crashes = 0;
        long takenOver = 0;
        for (long seed = 1_000; seed < 1_300; seed++) {
            final ArchiverRun.Result result =
                    ArchiverRun.of(seed, seed % 3 == 0 ? StoreFaults.GENTLE : StoreFaults.HARSH);
            crashes += result.crashes();
            takenOver += result.takenOver();
        }
        assertThat(crashes).isGreaterThan(150);
        assertThat(takenOver).isGreaterThan(10);
    }
}
