package dev.firn.walquorum.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuorumSimulationTest {
    /** With seed 163, in which a disk was lost whose node the writer had never asked: the writer did not replace it. */
    private static final int SEEDS = 300;

    @Test
    void shouldKeepItsPromisesUnderAllFaults() throws InterruptedException {
        final QuorumSeeds seeds = new QuorumSeeds(0, SEEDS, seed -> QuorumSimulation.run(seed, Flaw.NONE, null));
        seeds.run(2, () -> false, done -> {});
        System.out.println(SEEDS + " seeds, " + seeds.commits() + " commits, " + seeds.crashes() + " crashes, "
                + seeds.disksLost() + " disks lost");
        assertThat(seeds.failures()).isEmpty();
        assertThat(seeds.commits()).isGreaterThan(10L * SEEDS);
        assertThat(seeds.disksLost()).isPositive();
    }
}
