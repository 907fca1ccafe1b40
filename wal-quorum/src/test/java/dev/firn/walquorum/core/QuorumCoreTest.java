package dev.firn.walquorum.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuorumCoreTest {
    private static final int STEPS = 2_000;

    @Test
    void shouldKeepItsPromisesWhateverTheNetworkAndTheDisksDo() {
        long commits = 0;
        long crashes = 0;
        int live = 0;
        final int seeds = 1_000;
        for (long seed = 0; seed < seeds; seed++) {
            final World world = new World(seed, 3 + (int) (seed % 4), Flaw.NONE);
            try {
                world.run(STEPS);
                if (world.becomesLive(20_000)) {
                    live++;
                } else {
                    System.out.println("seed " + seed + " stuck: " + world.describe());
                }
            } catch (final AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            commits += world.commits;
            crashes += world.crashes;
        }
        System.out.println(seeds + " seeds, " + commits + " commits, " + crashes + " crashes, " + live + " live");
        assertThat(commits).isGreaterThan(5L * seeds);
        assertThat(live).isEqualTo(seeds);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"NONE"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldFindEachPlantedFlaw(final Flaw flaw) {
        for (long seed = 0; seed < 20_000; seed++) {
            try {
                new World(seed, 3 + (int) (seed % 4), flaw).run(STEPS);
            } catch (final AssertionError | RuntimeException found) {
                System.out.println(flaw + " found with seed " + seed + ": " + found.getMessage());
                return;
            }
        }
        throw new AssertionError(flaw + " was not found");
    }
}
