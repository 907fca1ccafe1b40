package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedNetwork;
import dev.firn.nativeio.simulation.Trace;

final class SimulatedEndpointContractTest extends EndpointContract {
    private static final long STEP_NS = 100_000;

    private final Scheduler scheduler = new Scheduler(1, Trace.silent());
    private final SimulatedNetwork network = new SimulatedNetwork(scheduler, 1, 2, NetworkFaults.NONE);
    private final Endpoint zero = network.open(0);
    private final Endpoint one = network.open(1);

    @Override
    Endpoint node(final int id) {
        return id == 0 ? zero : one;
    }

    @Override
    void pump() {
        scheduler.runFor(STEP_NS);
    }
}
