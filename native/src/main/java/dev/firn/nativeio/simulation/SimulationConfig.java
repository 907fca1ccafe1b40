package dev.firn.nativeio.simulation;

import java.util.function.Consumer;

/**
 * What a simulation is made of.
 *
 * @param seed decides everything that is open.
 * @param hosts how many there are.
 * @param traceSink gets a line for each event; null for none.
 */
public record SimulationConfig(
        long seed, int hosts, FaultProfile profile, DiskGeometry geometry, Consumer<String> traceSink) {
    public static final int MAX_HOSTS = 64;

    public SimulationConfig {
        if (hosts < 1 || hosts > MAX_HOSTS) {
            throw new IllegalArgumentException("a simulation has 1.." + MAX_HOSTS + " hosts, not " + hosts);
        }
    }

    /** Hosts on which nothing goes wrong by chance. */
    public static SimulationConfig of(final long seed, final int hosts) {
        return new SimulationConfig(seed, hosts, FaultProfile.NONE, DiskGeometry.DEFAULT, null);
    }

    public SimulationConfig withProfile(final FaultProfile chosen) {
        return new SimulationConfig(seed, hosts, chosen, geometry, traceSink);
    }

    public SimulationConfig withGeometry(final DiskGeometry chosen) {
        return new SimulationConfig(seed, hosts, profile, chosen, traceSink);
    }

    public SimulationConfig withTrace(final Consumer<String> sink) {
        return new SimulationConfig(seed, hosts, profile, geometry, sink);
    }
}
