package dev.firn.bench.quorum;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.transport.aeron.MessageLimit;
import dev.firn.transport.authentication.PeerSecret;
import dev.firn.walquorum.node.CompletionWaits;
import dev.firn.walquorum.node.WalNode;
import dev.firn.walquorum.node.WalNodeConfig;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;

/**
 * A quorum as {@code firn up} has it, but in one process: three WAL nodes with a thread and a directory each, and a writer that
 * belongs to the thread that made the bed. They authenticate, talk over IPC, and sleep until they are woken.
 */
final class QuorumBed implements AutoCloseable {
    private static final Set<Integer> NODES = Set.of(1, 2, 3);
    private static final int WRITER = 4;
    private static final long CLUSTER = 1;
    private static final int WAL_SEGMENT_BYTES = 16 << 20;
    private static final int POSTGRES_MAJOR = 17;
    private static final long MEMORY_BYTES = 256L << 20;
    private static final long LONGEST_WAIT_NS = 5_000_000L;
    private static final long LONGEST_UNSIGNALLED_WAIT_NS = 50_000L;
    private static final long NO_STATUS_NS = 86_400_000_000_000L;
    private static final long ELECTION_LIMIT_NS = 60_000_000_000L;

    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<NamedThread> nodeThreads = new ArrayList<>();
    private final List<WalNode> nodes = new ArrayList<>();
    private final WaitSet waits;
    private final IdleStrategy idle;
    private final long logId;
    private volatile Throwable failure;

    final QuorumWriter writer;

    /** Remembers whose thread an agent runs on. */
    private record NamedThread(Agent agent, long[] id) implements Agent {
        @Override
        public void onStart() {
            id[0] = Thread.currentThread().threadId();
            agent.onStart();
        }

        @Override
        public int doWork() throws Exception {
            return agent.doWork();
        }

        @Override
        public void onClose() {
            agent.onClose();
        }

        @Override
        public String roleName() {
            return agent.roleName();
        }
    }

    QuorumBed(final Path directory) throws IOException {
        final RandomGenerator random = SystemRandom.secure();
        logId = random.nextLong();
        final byte[] secret = new byte[PeerSecret.MIN_BYTES];
        random.nextBytes(secret);
        final AeronNetwork network = closing(new AeronNetwork(
                addresses(),
                DriverChoice.embedded(DriverProfile.SHARED_MACHINE),
                PeerSecret.of(secret),
                SystemClock.INSTANCE,
                random));
        for (final int node : NODES) {
            start(node, network, Files.createDirectories(directory.resolve("node-" + node)), random);
        }
        final AeronEndpoint endpoint = closing(network.open(WRITER, MessageLimit.QUARTER));
        waits = closing(newWaitSet(endpoint));
        idle = IdleProfile.SHARED_MACHINE.newIdleStrategy(waits);
        final OffHeapMemory memory = closing(OffHeapMemory.open(OffHeapConfig.of("writer", MEMORY_BYTES)));
        writer = closing(QuorumWriter.open(
                endpoint,
                new LogSpec(logId, "bench", CLUSTER, POSTGRES_MAJOR, WAL_SEGMENT_BYTES, WAL_SEGMENT_BYTES),
                NODES,
                Membership.NONE,
                WriterConfig.DEFAULT.withTrailNs(WriterConfig.ONE_HOST_TRAIL_NS),
                memory,
                SystemClock.INSTANCE,
                random));
        elect();
    }

    private static AddressTable addresses() {
        final Map<Integer, String> table = new HashMap<>();
        NODES.forEach(node -> table.put(node, "ipc"));
        table.put(WRITER, "ipc");
        return AddressTable.of(table);
    }

    private void start(
            final int nodeId, final AeronNetwork network, final Path directory, final RandomGenerator random) {
        final Storage storage = closing(new HostStorage(directory));
        final OffHeapMemory memory = closing(OffHeapMemory.open(OffHeapConfig.of("node-" + nodeId, MEMORY_BYTES)));
        final AeronEndpoint endpoint = network.open(nodeId, MessageLimit.QUARTER);
        final WaitSet set = closing(newWaitSet(endpoint));
        final WalNode node = new WalNode(
                CLUSTER,
                endpoint,
                storage,
                memory,
                SystemClock.INSTANCE,
                random,
                // To make the status is to make objects, for whoever looks at it; here nobody does.
                WalNodeConfig.DEFAULT.withStatusNs(NO_STATUS_NS),
                CompletionWaits.of(set),
                this::onTrouble);
        final NamedThread named = new NamedThread(node, new long[1]);
        nodes.add(node);
        nodeThreads.add(named);
        closing(AgentThread.start(
                named,
                AgentThreadConfig.of(IdleProfile.SHARED_MACHINE).wokenBy(set),
                (role, cause) -> failure = cause));
    }

    private static WaitSet newWaitSet(final AeronEndpoint endpoint) {
        final WaitSet set = new WaitSet(LONGEST_WAIT_NS, LONGEST_UNSIGNALLED_WAIT_NS);
        set.add(endpoint.doorbell().orElseThrow());
        return set;
    }

    private void onTrouble(final String sentence) {
        failure = new IllegalStateException(sentence);
    }

    private <T extends AutoCloseable> T closing(final T opened) {
        closing.push(opened);
        return opened;
    }

    private void elect() {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + ELECTION_LIMIT_NS;
        while (!writer.isLeading()) {
            if (writer.state() == WriterState.CREATED) {
                writer.begin();
            }
            if (SystemClock.INSTANCE.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the quorum has no leader: " + writer.sentence());
            }
            work();
        }
    }

    /** One duty cycle of the writer's thread, asleep when there is nothing to do. */
    void work() {
        requireHealth();
        final int work = writer.doWork();
        waits.wakeWithin(writer.patienceNs());
        idle.idle(work);
    }

    /** Appends, and returns when a majority has all of it on disk. */
    void appendAndWait(final DirectBuffer wal, final int length) {
        int taken = 0;
        while (taken < length) {
            taken += writer.append(writer.wantedFromLsn(), wal, taken, length - taken);
            if (taken < length) {
                work();
            }
        }
        final long end = writer.appendedLsn();
        while (writer.committedLsn() < end) {
            work();
        }
    }

    /** Lets the nodes trim what is committed, as they do when it is archived. */
    void archiveCommitted() {
        for (final WalNode node : nodes) {
            node.archived(logId, writer.committedLsn());
        }
    }

    /** What the slowest node lacks of what is committed. */
    long behindBytes() {
        return writer.acceptors().stream()
                .mapToLong(acceptor -> Math.max(0, writer.committedLsn() - acceptor.flushedLsn()))
                .max()
                .orElse(0);
    }

    /** Heap bytes that the nodes' threads and the calling one have allocated. By index: an iterator would be counted, too. */
    long allocatedBytes() {
        long bytes = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < nodeThreads.size(); i++) {
            bytes += threads.getThreadAllocatedBytes(nodeThreads.get(i).id()[0]);
        }
        return bytes;
    }

    private void requireHealth() {
        final Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("a WAL node has failed: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        for (final AutoCloseable opened : closing) {
            try {
                opened.close();
            } catch (final Exception e) {
                throw new IllegalStateException("cannot close the quorum: " + e.getMessage(), e);
            }
        }
    }
}
