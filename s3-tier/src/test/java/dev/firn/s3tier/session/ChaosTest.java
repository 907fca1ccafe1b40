package dev.firn.s3tier.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What sessions say of writes, held against what the store did, while everything goes wrong that may. */
class ChaosTest {
    @Test
    void shouldSayTheTruthWhenCallsAreImpatient() {
        runMany(1_000, 150, 0.3, false);
    }

    @Test
    void shouldSettleEveryWriteWhenCallsArePatient() {
        runMany(2_000, 100, 1.0, true);
    }

    @Test
    void shouldSettleEveryWriteWhenNothingGoesWrong() {
        runMany(3_000, 20, 0, true);
    }

    @Test
    @Tag("long")
    void shouldSayTheTruthInManyRuns() {
        runMany(10_000, 5_000, 0.8, false);
        runMany(20_000, 5_000, 1.0, true);
    }

    private static void runMany(final long firstSeed, final int runs, final double trouble, final boolean patient) {
        final int[] total = new int[6];
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            final ChaosRun run = new ChaosRun(seed, trouble, patient);
            try {
                run.run(400);
            } catch (final AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ", trouble " + trouble + ", patient " + patient + ": " + e.getMessage(), e);
            }
            for (int i = 0; i < total.length; i++) {
                total[i] += run.outcomes[i];
            }
        }
        assertThat(total[0]).isPositive();
        assertThat(total[2]).isPositive();
        if (trouble > 0) {
            assertThat(total[1])
                    .as("runs in which a write was overtaken before its answer")
                    .isPositive();
        }
    }
}
