package dev.firn.nativeio.simulation;

/**
 * What goes wrong between hosts by chance.
 *
 * @param loss probability that a message is lost.
 * @param duplication probability that a message arrives twice.
 * @param reordering probability that a message is overtaken by later ones; else a link keeps its order.
 * @param backPressure probability that a send is refused though there is room.
 * @param notConnected probability that a send to an unreachable host is told so; else the message vanishes.
 * @param delay how long a message takes.
 * @param maxReorderNs how much later an overtaken message arrives at most.
 * @param meanPartitionGapNs mean time between partitions; 0 for none.
 * @param maxPartitionNs longest partition.
 * @param oneWay share of partitions that cut one direction only.
 */
public record NetworkFaults(
        double loss,
        double duplication,
        double reordering,
        double backPressure,
        double notConnected,
        Latency delay,
        long maxReorderNs,
        long meanPartitionGapNs,
        long maxPartitionNs,
        double oneWay) {
    /** Everything arrives once and in order. */
    public static final NetworkFaults NONE =
            new NetworkFaults(0, 0, 0, 0, 0.5, new Latency(10_000, 50_000, 0, 0), 0, 0, 0, 0);

    /** A good network with now and then a lost, doubled or late message, and a short partition. */
    public static final NetworkFaults GENTLE = new NetworkFaults(
            0.005,
            0.005,
            0.01,
            0.01,
            0.5,
            new Latency(10_000, 200_000, 0.01, 5_000_000),
            2_000_000,
            5_000_000_000L,
            500_000_000,
            0.2);

    /** A bad network. */
    public static final NetworkFaults HARSH = new NetworkFaults(
            0.1,
            0.05,
            0.1,
            0.05,
            0.3,
            new Latency(10_000, 2_000_000, 0.05, 100_000_000),
            50_000_000,
            1_000_000_000L,
            2_000_000_000L,
            0.4);

    public NetworkFaults {
        Probability.check("loss", loss);
        Probability.check("duplication", duplication);
        Probability.check("reordering", reordering);
        Probability.check("backPressure", backPressure);
        Probability.check("notConnected", notConnected);
        Probability.check("oneWay", oneWay);
    }
}
