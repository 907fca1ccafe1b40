/**
 * The quorum's state machines without disk formats and messages' bytes: a thousand seeds a second, for what is rare.
 * {@link dev.firn.walquorum.simulation.machines.MachineWorld} first.
 */
package dev.firn.walquorum.simulation.machines;
