package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingContract;
import dev.firn.nativeio.storage.Storage;

/** The contract that every ring keeps, on a disk where nothing goes wrong. */
class SimulatedRingTest extends RingContract {
    private static final long SEED = 20_261_121;

    @Override
    protected Storage openStorage() {
        final Scheduler scheduler = new Scheduler(SEED, Trace.silent());
        return new SimulatedDisk(scheduler, 0, SEED, DiskGeometry.DEFAULT, DiskFaults.NONE).mount();
    }

    @Override
    protected RingConfig config() {
        return RingConfig.ofCapacity(CAPACITY);
    }
}
