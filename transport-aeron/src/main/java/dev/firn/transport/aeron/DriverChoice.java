package dev.firn.transport.aeron;

import java.nio.file.Path;

/** Which media driver a network uses. */
public sealed interface DriverChoice {
    /**
     * One inside this process, gone with it.
     *
     * @param profile how much of the host it takes.
     * @param parent where its directory is made.
     */
    record Embedded(DriverProfile profile, Path parent) implements DriverChoice {}

    /**
     * One that runs already: as a process of its own, or embedded in another network.
     *
     * @param directory its Aeron directory.
     */
    record External(Path directory) implements DriverChoice {}

    /** The one that a {@link StandaloneDriver} runs in the directory of this name. */
    static DriverChoice standalone(final Path name) {
        return new External(DriverDirectory.driverIn(name));
    }

    /** An embedded one in shared memory where the host has it, else among the temporary files. */
    static DriverChoice embedded(final DriverProfile profile) {
        return new Embedded(profile, DriverDirectory.defaultParent());
    }
}
