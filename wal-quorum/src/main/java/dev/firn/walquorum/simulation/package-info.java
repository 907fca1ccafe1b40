/**
 * The quorum under every fault that a seed can think of: what runs in production, on simulated disks, network and clocks.
 *
 * <p>{@link dev.firn.walquorum.simulation.QuorumSimulation} runs one seed: {@link dev.firn.walquorum.node.WalNode}s,
 * two {@link dev.firn.walquorum.stream.QuorumWriter}s that contend for the log, and readers. {@link dev.firn.walquorum.simulation.Swarm}
 * draws from the seed which faults there are, {@link dev.firn.walquorum.simulation.Oracle} says what may not be.
 * {@link dev.firn.walquorum.simulation.QuorumSeeds} runs many. {@link dev.firn.walquorum.simulation.Flaw} names bugs that are planted to
 * see that they are found.
 *
 * <p><b>Owner:</b> one thread a seed. <b>Invariant:</b> the same seed gives the same run.
 */
package dev.firn.walquorum.simulation;
