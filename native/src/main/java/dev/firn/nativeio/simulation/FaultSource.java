package dev.firn.nativeio.simulation;

/** A part of a simulation with faults of its own, such as a service that its hosts use: see {@link Simulation#add}. */
public interface FaultSource {
    /** From now on what strikes by itself strikes. */
    void startFaults();

    /** From now on nothing goes wrong by chance, and what is broken is mended. */
    void calm();
}
