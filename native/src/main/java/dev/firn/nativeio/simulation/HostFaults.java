package dev.firn.nativeio.simulation;

/**
 * What happens to a host by chance.
 *
 * @param timing when its agents are called, and how often they stall.
 * @param meanCrashGapNs mean time between two ends of its life; 0 for none.
 * @param minDownNs shortest time until it is started again.
 * @param maxDownNs longest time until it is started again.
 * @param powerLoss share of ends that are a loss of power; the others kill the process, and the page cache lives on.
 * @param insideOperation share of power losses that strike inside one of the disk's next operations.
 * @param insideRecovery probability that power is lost inside one of the disk operations that follow a start.
 * @param maxDownHosts most hosts that chance takes down at once; those that end themselves come on top.
 * @param maxDriftPpb largest drift of the monotonic clock.
 * @param maxWallOffsetNs how far the wall clock is off at most when the host starts.
 * @param meanClockJumpGapNs mean time between two jumps of the wall clock; 0 for none.
 * @param maxClockJumpNs longest jump, in either direction.
 */
public record HostFaults(
        AgentTiming timing,
        long meanCrashGapNs,
        long minDownNs,
        long maxDownNs,
        double powerLoss,
        double insideOperation,
        double insideRecovery,
        int maxDownHosts,
        long maxDriftPpb,
        long maxWallOffsetNs,
        long meanClockJumpGapNs,
        long maxClockJumpNs) {
    /** A host that runs for ever, with a right clock. */
    public static final HostFaults NONE =
            new HostFaults(AgentTiming.STEADY, 0, 1_000_000, 10_000_000, 1, 0, 0, Integer.MAX_VALUE, 0, 0, 0, 0);

    /** Rare crashes, one host at a time, clocks that are a little off. */
    public static final HostFaults GENTLE = new HostFaults(
            AgentTiming.STEADY.withStalls(0.000_1, 20_000_000),
            10_000_000_000L,
            10_000_000,
            1_000_000_000L,
            0.5,
            0.3,
            0.02,
            1,
            50_000,
            100_000_000,
            30_000_000_000L,
            500_000_000);

    /** Frequent crashes of any number of hosts, long stalls, wild clocks. */
    public static final HostFaults HARSH = new HostFaults(
            AgentTiming.STEADY.withStalls(0.001, 500_000_000),
            2_000_000_000L,
            1_000_000,
            3_000_000_000L,
            0.7,
            0.5,
            0.1,
            Integer.MAX_VALUE,
            500_000,
            10_000_000_000L,
            3_000_000_000L,
            3_600_000_000_000L);

    public HostFaults {
        if (meanCrashGapNs < 0 || minDownNs < 0 || maxDownNs < minDownNs || maxDownHosts < 0) {
            throw new IllegalArgumentException("host faults are not in order: gap " + meanCrashGapNs + ", down "
                    + minDownNs + ".." + maxDownNs + ", at once " + maxDownHosts);
        }
        Probability.check("powerLoss", powerLoss);
        Probability.check("insideOperation", insideOperation);
        Probability.check("insideRecovery", insideRecovery);
    }
}
