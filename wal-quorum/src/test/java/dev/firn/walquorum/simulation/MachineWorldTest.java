package dev.firn.walquorum.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.walquorum.simulation.machines.MachineFlaw;
import dev.firn.walquorum.simulation.machines.MachineWorld;
import org.junit.jupiter.api.Test;

class MachineWorldTest {
    private static final int SEEDS = 3_000;

    @Test
    void shouldKeepItsPromisesWhateverTheNetworkAndTheDisksDo() throws InterruptedException {
        final QuorumSeeds seeds = new QuorumSeeds(0, SEEDS, seed -> MachineWorld.run(seed, MachineFlaw.NONE));
        seeds.run(1, () -> false, done -> {});
        System.out.println(SEEDS + " seeds, " + seeds.commits() + " commits, " + seeds.crashes() + " crashes, "
                + seeds.disksLost() + " logs begun anew");
        assertThat(seeds.failures()).isEmpty();
        assertThat(seeds.commits()).isGreaterThan(5L * SEEDS);
        assertThat(seeds.disksLost()).isGreaterThan(SEEDS / 10);
    }
}
