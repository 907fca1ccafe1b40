package dev.firn.s3tier.contract;

import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.StoreLimits;

/**
 * The contract on the simulated store with every fault that a session can hide: it must, in the same tests.
 *
 * <p>Left out is what no session can hide: writes that take effect long after they were given up, uploads that the store
 * forgets, keys that a batch leaves alone, and a store that is away.
 */
class FaultySimulatedStoreContractTest extends SimulatedStoreContractTest {
    @Override
    StoreFaults faults() {
        return StoreFaults.HARSH
                .withoutLateWrites()
                .with(StoreFault.UPLOAD_FORGOTTEN, 0)
                .with(StoreFault.DELETE_REFUSED, 0)
                .withOutages(0, 0)
                .withThrottling(0, 0);
    }

    /** More requests fail here than a retry budget is there to allow. */
    @Override
    StoreLimits limitsOf(final StoreLimits asked) {
        return asked.withRetries(100_000, asked.circuitFailures());
    }

    @Override
    protected StoreCapabilities capabilities() {
        return super.capabilities().withFaults().withListedKeys(2_500, 2_500);
    }
}
