package dev.firn.s3tier.contract;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import org.junit.jupiter.api.AfterEach;

/** The contract on the simulated store on which nothing goes wrong. */
class SimulatedStoreContractTest extends ObjectStoreContract {
    private final Simulation simulation = new Simulation(SimulationConfig.of(seed(), 1));
    private final SimulatedStore store = SimulatedStore.in(simulation, faults());
    private final SimulatedDriver driver = new SimulatedDriver(simulation);
    private long opened;

    /** Each seed is another run, and always the same: {@code -Dfirn.store.seed=<seed>} asks for one. */
    final long seed() {
        return Long.getLong("firn.store.seed", 4);
    }

    StoreFaults faults() {
        return StoreFaults.NONE;
    }

    StoreLimits limitsOf(final StoreLimits asked) {
        return asked;
    }

    @Override
    protected ObjectStore open(final StoreLimits limits) {
        return SessionStore.over(
                store.backend(limitsOf(limits)),
                new SimulatedClock(simulation.scheduler(), 0, 0, 0),
                SystemRandom.seeded(seed() + ++opened));
    }

    /** Each run of a test is the same. */
    @Override
    protected String prefix() {
        return "contract/";
    }

    @Override
    protected StoreDriver driver() {
        return driver;
    }

    @Override
    protected StoreCapabilities capabilities() {
        return StoreCapabilities.FULL.withRaceRounds(20).withListedKeys(10_000, 10_000);
    }

    @AfterEach
    void endSimulation() {
        simulation.close();
    }
}
