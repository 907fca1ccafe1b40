package dev.firn.nativeio.simulation;

/**
 * When the scheduler calls an agent again.
 *
 * @param minCycleNs shortest time from one duty cycle to the next.
 * @param maxCycleNs longest time to the next after a cycle that did work.
 * @param maxIdleNs longest time to the next after cycles without work; it doubles up to there, as an idle strategy does.
 * @param stall probability that a cycle is followed by a pause, as from a garbage collection or a busy host.
 * @param maxStallNs longest such pause.
 */
public record AgentTiming(long minCycleNs, long maxCycleNs, long maxIdleNs, double stall, long maxStallNs) {
    /** A host that is never late. */
    public static final AgentTiming STEADY = new AgentTiming(1_000, 20_000, 500_000, 0, 0);

    public AgentTiming {
        if (minCycleNs < 1 || maxCycleNs < minCycleNs || maxIdleNs < maxCycleNs || maxStallNs < 0) {
            throw new IllegalArgumentException("agent timing is not in order: cycle " + minCycleNs + ".." + maxCycleNs
                    + " ns, idle " + maxIdleNs + " ns, stall " + maxStallNs + " ns");
        }
        Probability.check("stall", stall);
    }

    /** The same with pauses. */
    public AgentTiming withStalls(final double probability, final long longestNs) {
        return new AgentTiming(minCycleNs, maxCycleNs, maxIdleNs, probability, longestNs);
    }
}
