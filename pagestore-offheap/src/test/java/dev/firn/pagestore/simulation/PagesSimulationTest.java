package dev.firn.pagestore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Seeds of the page store's simulation: all clean as it stands, and every planted bug found. */
class PagesSimulationTest {
    private static final long SEEDS = 100;
    private static final long LONG_SEEDS = 5_000;

    /** A flaw that so many seeds do not show is not looked for. */
    private static final long SEEDS_A_FLAW = 60;

    @Test
    void shouldHoldItsPromisesInEverySeed() {
        hold(0, SEEDS);
    }

    @Tag("long")
    @Test
    void shouldHoldItsPromisesInManySeeds() {
        hold(SEEDS, LONG_SEEDS);
    }

    private static void hold(final long first, final long end) {
        final List<String> violations = new ArrayList<>();
        long reads = 0;
        long ownerChanges = 0;
        for (long seed = first; seed < end; seed++) {
            final PageSeedResult result = PagesSimulation.run(seed, Flaw.NONE, null);
            reads += result.reads();
            ownerChanges += result.ownerChanges();
            if (!result.isClean()) {
                violations.add("seed " + seed + ": " + result.violation());
            }
        }
        assertThat(violations).isEmpty();
        assertThat(reads).isGreaterThan((end - first) * 100);
        assertThat(ownerChanges).isPositive();
    }

    @ParameterizedTest
    @EnumSource(value = Flaw.class, mode = Mode.EXCLUDE, names = "NONE")
    void shouldFindPlantedBugs(final Flaw flaw) {
        assertThat(LongStream.range(0, SEEDS_A_FLAW)
                        .anyMatch(seed -> !PagesSimulation.run(seed, flaw, null).isClean()))
                .as("one of %d seeds shows %s", SEEDS_A_FLAW, flaw)
                .isTrue();
    }

    @Test
    void shouldRunTheSameTwice() {
        final PageSeedResult once = PagesSimulation.run(7, Flaw.NONE, null);
        final PageSeedResult again = PagesSimulation.run(7, Flaw.NONE, null);
        assertThat(again).isEqualTo(once);
    }
}
