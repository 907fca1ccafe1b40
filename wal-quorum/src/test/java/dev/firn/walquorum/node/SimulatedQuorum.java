package dev.firn.walquorum.node;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.log.LogConfig;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;

/** Three WAL nodes, a proposer, two readers, and an archiver that has all that is committed. */
final class SimulatedQuorum implements AutoCloseable {
    static final List<Integer> NODES = List.of(0, 1, 2);
    static final int PROPOSER = 3;
    static final int FAST_READER = 4;
    static final int SLOW_READER = 5;
    static final int HOSTS = 6;
    static final long CLUSTER = 0xC1;

    static final WalNodeConfig CONFIG = WalNodeConfig.DEFAULT
            .withLog(new LogConfig(64 << 10, 12_288, 64 << 10, 2, 2, 1))
            .withLimits(3, 2, 32 << 10);

    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long MEMORY_BYTES = 512L << 20;

    final Simulation simulation;
    final WalLedger ledger = new WalLedger();
    final TestReader.Progress fast = new TestReader.Progress();
    final TestReader.Progress slow = new TestReader.Progress();
    final List<String> troubles = new ArrayList<>();
    private final WalNode[] nodes = new WalNode[NODES.size()];
    private final boolean[] isWiped = new boolean[NODES.size()];

    /** What a life that was cut off held is not given back. */
    private final OffHeapMemory memory = OffHeapMemory.open(
            OffHeapConfig.of("simulated-quorum", MEMORY_BYTES).withChecked(false));

    private long trimmedBytes;
    boolean isArchiving = true;

    SimulatedQuorum(final SimulationConfig config) {
        simulation = new Simulation(config);
    }

    void start() {
        simulation.startAll(this::program);
    }

    /** Starts this node's next life with an empty disk. */
    void wipe(final int node) {
        isWiped[node] = true;
        simulation.host(node).crash();
        simulation.host(node).startAfter(100 * MILLISECOND_NS);
    }

    WalNode node(final int id) {
        return nodes[id];
    }

    /** The node's log as it is now, or null. */
    LogStatus log(final int id) {
        final WalNodeStatus status = nodes[id].status();
        return status.logs().isEmpty() ? null : status.logs().getFirst();
    }

    long trimmedBytes() {
        return trimmedBytes;
    }

    private List<Agent> program(final SimulatedHost host) {
        return switch (host.id()) {
            case PROPOSER ->
                List.of(new TestProposer(host.network().open(host.id()), host.clock(), host.random(), ledger, NODES));
            case FAST_READER -> List.of(new TestReader(host, ledger, fast, memory, NODES, 1));
            case SLOW_READER -> List.of(new TestReader(host, ledger, slow, memory, NODES.reversed(), 4));
            default -> startNode(host);
        };
    }

    private List<Agent> startNode(final SimulatedHost host) {
        if (isWiped[host.id()]) {
            // Again from the beginning when power is lost: half of a disk would remember less than it promised.
            removeAll(host.storage(), "");
            isWiped[host.id()] = false;
        }
        final WalNode node = new WalNode(
                CLUSTER,
                host.network().open(host.id()),
                host.storage(),
                memory,
                host.clock(),
                host.random(),
                CONFIG,
                CompletionWaits.NONE,
                troubles::add);
        nodes[host.id()] = node;
        return List.of(node, new Archiver(host, node));
    }

    static void removeAll(final Storage storage, final String directory) {
        for (final String entry : storage.list(directory)) {
            final String name = directory.isEmpty() ? entry : directory + "/" + entry;
            final FileStatus status = storage.status(name);
            if (status.kind() == FileKind.DIRECTORY) {
                removeAll(storage, name);
            }
            storage.deleteDurably(name);
        }
    }

    @Override
    public void close() {
        simulation.close();
    }

    /** Tells the node now and then that all that is committed is archived. */
    private final class Archiver implements Agent {
        private final SimulatedHost host;
        private final WalNode node;
        private long toldNs;
        private long startLsn = WalLedger.START_LSN;

        Archiver(final SimulatedHost host, final WalNode node) {
            this.host = host;
            this.node = node;
        }

        @Override
        public int doWork() {
            final long nowNs = host.clock().nanoTime();
            if (!isArchiving || nowNs - toldNs < 300 * MILLISECOND_NS) {
                return 0;
            }
            toldNs = nowNs;
            node.archived(TestProposer.SPEC.logId(), ledger.endLsn());
            for (final LogStatus log : node.status().logs()) {
                trimmedBytes += Math.max(0, log.startLsn() - startLsn);
                startLsn = Math.max(startLsn, log.startLsn());
            }
            return 1;
        }

        @Override
        public String roleName() {
            return "archiver";
        }
    }
}
