/**
 * The seeded simulated host: the other side of the fault seam, behind the same contracts as the real one.
 *
 * <p>A {@link dev.firn.nativeio.simulation.Simulation} holds a number of
 * {@link dev.firn.nativeio.simulation.SimulatedHost}s, each with a disk, a clock, randomness and a place on one network,
 * and drives the production classes on one thread in virtual time. Everything that could differ between two runs is
 * drawn from one seed: the same seed and the same program give the same run, and the same
 * {@link dev.firn.nativeio.simulation.Trace#hash()}.
 *
 * <p><b>Owner:</b> the one thread that built the simulation owns all of its state. There are no other threads, no host
 * clock, no host randomness, and no iteration over a collection whose order depends on identity.
 *
 * <p><b>Invariants:</b> what a contract promises holds in every run; what it leaves open is chosen by the seed, as badly
 * as the fault profile allows. A fault is counted when it happens ({@link dev.firn.nativeio.simulation.FaultKind}), so
 * that a test can assert that it did.
 *
 * <p><b>What it does not model:</b> the time that a blocking {@link dev.firn.nativeio.storage.Storage} call takes (it
 * takes none; power may fail inside it), code that runs on more than one thread, and a program that leaks state from one
 * life of its host to the next through static fields.
 *
 * <p>Read {@link dev.firn.nativeio.simulation.Simulation} first, then the fault model at the top of
 * {@link dev.firn.nativeio.simulation.SimulatedDisk}.
 */
package dev.firn.nativeio.simulation;
