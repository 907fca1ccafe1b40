package dev.firn.pagestore.simulation;

import dev.firn.nativeio.simulation.AgentTiming;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.s3tier.simulation.StoreFaults;
import java.util.random.RandomGenerator;

/**
 * What a seed is made of. Each kind of fault is absent, gentle or harsh by itself: all at once would hide what only one of them brings out.
 *
 * @param hosts page servers that contend for the timelines.
 * @param rounds how often the log grows, and reads are begun.
 * @param records most records a round.
 * @param tableAgeNs how old a memory table grows.
 * @param historyNs how long every LSN stays readable.
 * @param mergeRuns see {@code UpkeepConfig}.
 * @param imageBytes see {@code UpkeepConfig}.
 * @param maxDeltas see {@code ShardConfig}.
 * @param spoiltReads one range in so many comes with a bit turned over; 0 for none.
 */
record PageSwarm(
        int hosts,
        int rounds,
        int records,
        long tableAgeNs,
        long historyNs,
        int mergeRuns,
        long imageBytes,
        int maxDeltas,
        int spoiltReads,
        FaultProfile faults,
        StoreFaults store) {
    private static final long MILLISECOND_NS = 1_000_000L;

    /** Agents are called seldom, as most of a seed's time is spent waiting for the store. */
    private static final AgentTiming TIMING =
            new AgentTiming(500_000, 5 * MILLISECOND_NS, 50 * MILLISECOND_NS, 0.001, 200 * MILLISECOND_NS);

    static PageSwarm draw(final RandomGenerator random) {
        final HostFaults host = switch (random.nextInt(3)) {
            case 0 -> HostFaults.NONE;
            case 1 -> HostFaults.GENTLE;
            default -> HostFaults.HARSH;
        };
        final StoreFaults store = switch (random.nextInt(3)) {
            case 0 -> StoreFaults.NONE;
            case 1 -> StoreFaults.GENTLE;
            default -> StoreFaults.HARSH;
        };
        return new PageSwarm(
                1 + random.nextInt(2),
                5 + random.nextInt(20),
                1 + random.nextInt(40),
                (50 + random.nextInt(1_000)) * MILLISECOND_NS,
                random.nextInt(8_000) * MILLISECOND_NS,
                2 + random.nextInt(3),
                random.nextBoolean() ? 1 : 100_000,
                2 + random.nextInt(20),
                random.nextBoolean() ? 0 : 2 + random.nextInt(30),
                FaultProfile.NONE.withHost(withTiming(host)),
                store);
    }

    private static HostFaults withTiming(final HostFaults faults) {
        return new HostFaults(
                TIMING,
                faults.meanCrashGapNs(),
                faults.minDownNs(),
                faults.maxDownNs(),
                faults.powerLoss(),
                faults.insideOperation(),
                faults.insideRecovery(),
                faults.maxDownHosts(),
                faults.maxDriftPpb(),
                faults.maxWallOffsetNs(),
                faults.meanClockJumpGapNs(),
                faults.maxClockJumpNs());
    }
}
