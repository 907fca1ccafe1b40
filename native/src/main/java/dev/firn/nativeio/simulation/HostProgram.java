package dev.firn.nativeio.simulation;

import java.util.List;
import org.agrona.concurrent.Agent;

/** What a simulated host runs: the production classes, built anew at each start. */
@FunctionalInterface
public interface HostProgram {
    /**
     * Recovers from the host's storage and builds the agents. Runs at one instant of virtual time; may use the blocking
     * calls of {@link SimulatedHost#storage()}.
     *
     * <p>A {@link dev.firn.nativeio.storage.StorageException} or {@link org.agrona.concurrent.AgentTerminationException}, from
     * here or from an agent, ends the process; it is started again later, as a supervisor would. Anything else that is thrown
     * fails the simulation.
     *
     * @param host whose clock, storage, network, randomness and memory are good for this life only.
     * @return the agents to call, each as if it had a thread of its own.
     */
    List<Agent> start(SimulatedHost host);
}
