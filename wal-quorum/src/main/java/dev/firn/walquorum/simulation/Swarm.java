package dev.firn.walquorum.simulation;

import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.walquorum.stream.WriterConfig;
import java.util.random.RandomGenerator;

/**
 * Which faults a seed has. Each kind is absent, gentle or harsh by itself: all at once would hide what only one of them brings out.
 *
 * @param nodes WAL nodes.
 * @param writers how many contend for the log.
 * @param acts what is done to the system from outside, one after another.
 * @param wipes share of acts that take a disk away.
 * @param fullDisks share of acts that fill one.
 * @param archives whether the logs are archived and trimmed.
 * @param framesInBuffer how many frames a node's buffer holds.
 * @param trailNs how long a writer lets an acceptor trail that no majority needs.
 */
record Swarm(
        int nodes,
        int writers,
        int acts,
        double wipes,
        double fullDisks,
        boolean archives,
        int framesInBuffer,
        long trailNs,
        FaultProfile faults) {
    private static final int MAX_ACTS = 6;

    static Swarm draw(final RandomGenerator random) {
        final NetworkFaults network = pick(random, NetworkFaults.NONE, NetworkFaults.GENTLE, NetworkFaults.HARSH);
        final DiskFaults disk = pick(random, DiskFaults.NONE, DiskFaults.GENTLE, DiskFaults.HARSH);
        final HostFaults host = pick(random, HostFaults.NONE, HostFaults.GENTLE, HostFaults.HARSH);
        return new Swarm(
                random.nextInt(6) == 0 ? 5 : 3,
                1 + random.nextInt(2),
                1 + random.nextInt(MAX_ACTS),
                random.nextInt(3) == 0 ? random.nextDouble() : 0,
                random.nextInt(4) == 0 ? random.nextDouble() : 0,
                random.nextBoolean(),
                3 + random.nextInt(4),
                random.nextBoolean() ? WriterConfig.ONE_HOST_TRAIL_NS : 0,
                new FaultProfile(disk, network, host));
    }

    private static <T> T pick(final RandomGenerator random, final T none, final T gentle, final T harsh) {
        return switch (random.nextInt(3)) {
            case 0 -> none;
            case 1 -> gentle;
            default -> harsh;
        };
    }
}
