package dev.firn.nativeio.simulation;

import java.util.Locale;

/** How unkind a simulation is: one record for each part of it. */
public record FaultProfile(DiskFaults disk, NetworkFaults network, HostFaults host) {
    /** Nothing goes wrong that is not asked for by a call. */
    public static final FaultProfile NONE = new FaultProfile(DiskFaults.NONE, NetworkFaults.NONE, HostFaults.NONE);

    /** What a good installation meets in a bad month. */
    public static final FaultProfile GENTLE =
            new FaultProfile(DiskFaults.GENTLE, NetworkFaults.GENTLE, HostFaults.GENTLE);

    /** What no installation should meet, and still must survive. */
    public static final FaultProfile HARSH = new FaultProfile(DiskFaults.HARSH, NetworkFaults.HARSH, HostFaults.HARSH);

    /** The preset with this name: none, gentle or harsh. */
    public static FaultProfile named(final String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> NONE;
            case "gentle" -> GENTLE;
            case "harsh" -> HARSH;
            default -> throw new IllegalArgumentException("no fault profile " + name + "; use none, gentle or harsh");
        };
    }

    public FaultProfile withDisk(final DiskFaults faults) {
        return new FaultProfile(faults, network, host);
    }

    public FaultProfile withNetwork(final NetworkFaults faults) {
        return new FaultProfile(disk, faults, host);
    }

    public FaultProfile withHost(final HostFaults faults) {
        return new FaultProfile(disk, network, faults);
    }
}
