package dev.firn.walquorum.follow;

import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.walquorum.stream.TestDisk;
import dev.firn.walquorum.stream.TestWalNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.concurrent.Agent;

/** WAL nodes in this process, each on a thread of its own, over Aeron's shared memory. They can be paused. */
final class TestQuorum implements AutoCloseable {
    static final int NODES = 3;
    private static final long FLUSH_NS = 300_000;
    private static final int ROOM_BYTES = 16 << 20;

    private final AeronNetwork network;
    private final List<Pausable> nodes = new ArrayList<>();
    private final List<AgentThread> threads = new ArrayList<>();
    private final TestDisk[] disks = new TestDisk[NODES];

    /** @param writers how many more nodes there are, for those who write; from {@link #NODES} on. */
    TestQuorum(final Path directory, final int writers) {
        final Map<Integer, String> addresses = new HashMap<>();
        for (int id = 0; id < NODES + writers; id++) {
            addresses.put(id, "ipc");
        }
        network = new AeronNetwork(
                AddressTable.of(addresses), new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, directory));
        for (int id = 0; id < NODES; id++) {
            disks[id] = new TestDisk();
            final Pausable node = new Pausable(new TestWalNode(
                    network.open(id), disks[id], SystemClock.INSTANCE, SystemRandom.seeded(id), FLUSH_NS, ROOM_BYTES));
            nodes.add(node);
            threads.add(AgentThread.start(
                    node,
                    AgentThreadConfig.of(IdleProfile.SHARED_MACHINE),
                    (role, failure) -> failure.printStackTrace()));
        }
    }

    static Set<Integer> nodeIds() {
        return new TreeSet<>(List.of(0, 1, 2));
    }

    AeronEndpoint writer(final int number) {
        return network.open(NODES + number);
    }

    void pause(final int node, final boolean isPaused) {
        nodes.get(node).isPaused = isPaused;
    }

    /** How many nodes have a log. */
    int logs() {
        int count = 0;
        for (final TestDisk disk : disks) {
            count += disk.acceptorId == 0 ? 0 : 1;
        }
        return count;
    }

    /** Whether a majority has these bytes from this position on. */
    boolean holds(final long lsn, final byte[] bytes) {
        int holders = 0;
        for (final TestDisk disk : disks) {
            boolean isSame = disk.flushedLsn >= lsn + bytes.length;
            for (int i = 0; i < bytes.length && isSame; i++) {
                isSame = disk.at(lsn + i) == bytes[i];
            }
            holders += isSame ? 1 : 0;
        }
        return 2 * holders > NODES;
    }

    @Override
    public void close() {
        threads.forEach(AgentThread::close);
        network.close();
    }

    private static final class Pausable implements Agent {
        private final TestWalNode node;
        private volatile boolean isPaused;

        Pausable(final TestWalNode node) {
            this.node = node;
        }

        @Override
        public int doWork() {
            return isPaused ? 0 : node.doWork();
        }

        @Override
        public String roleName() {
            return node.roleName();
        }
    }
}
