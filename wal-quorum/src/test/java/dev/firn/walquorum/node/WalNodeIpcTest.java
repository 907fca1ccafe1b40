package dev.firn.walquorum.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WAL node on a thread of its own, with real files, spoken to through shared memory. */
class WalNodeIpcTest {
    private static final int NODE = 0;
    private static final int CLIENT = 1;
    private static final int READER = 2;
    private static final int ROUNDS = 500;
    private static final int APPEND_BYTES = 8 << 10;
    private static final long LOG = TestProposer.SPEC.logId();
    private static final long DEADLINE_NS = 20_000_000_000L;

    /** The JVM itself makes objects while it replaces compiled code, so the best of some tries counts. */
    private static final int TRIES = 12;

    @TempDir
    Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private String doing = "at the start";
    private volatile boolean isStopped;
    private volatile Throwable failure;

    @Test
    void shouldAppendAndServeReadersWithoutAllocating() throws InterruptedException {
        final AddressTable table = AddressTable.of(Map.of(NODE, "ipc", CLIENT, "ipc", READER, "ipc"));
        try (AeronNetwork network = new AeronNetwork(table, DriverChoice.embedded(DriverProfile.SHARED_MACHINE));
                Storage storage = new HostStorage(directory);
                OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("wal-node", 32L << 20).withChecked(false))) {
            final WalNode node = new WalNode(
                    SimulatedQuorum.CLUSTER,
                    network.open(NODE),
                    storage,
                    memory,
                    SystemClock.INSTANCE,
                    SystemRandom.seeded(5),
                    // To make the status is to make objects.
                    WalNodeConfig.DEFAULT.withStatusNs(3_600_000_000_000L),
                    CompletionWaits.NONE,
                    trouble -> {});
            final Thread thread = new Thread(() -> run(node), "wal-node");
            thread.start();
            try {
                measure(network, memory, node, thread);
            } finally {
                isStopped = true;
                thread.join();
            }
        }
        assertThat(failure).isNull();
    }

    private void run(final WalNode node) {
        try {
            node.onStart();
            while (!isStopped) {
                if (node.doWork() == 0) {
                    Thread.yield();
                }
            }
        } catch (final Throwable e) {
            failure = e;
        } finally {
            node.onClose();
        }
    }

    private void measure(
            final AeronNetwork network, final OffHeapMemory memory, final WalNode node, final Thread thread) {
        final AeronEndpoint endpoint = network.open(CLIENT);
        final NodeClient client = new NodeClient(endpoint, NODE, this::await);
        await(() -> isAnswered(client));
        client.heard.clear();
        final long acceptor = client.create(TestProposer.SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        try (CommittedWalReaders readers = new CommittedWalReaders(
                network.open(READER), memory, SystemClock.INSTANCE, SystemRandom.seeded(6), ReaderConfig.DEFAULT)) {
            final Appender appender = new Appender(endpoint, client, acceptor, readers);
            appender.run(ROUNDS);
            final FlushLatency flushes = status(node).flushLatency();
            flushes.takeInterval();
            appender.latency.reset();
            long allocated = Long.MAX_VALUE;
            long readerAllocated = Long.MAX_VALUE;
            int tries = 0;
            while (tries < TRIES && (allocated > 0 || readerAllocated > 0)) {
                tries++;
                appender.readerAllocatedBytes = 0;
                final long before = threads.getThreadAllocatedBytes(thread.threadId());
                appender.run(ROUNDS);
                allocated = Math.min(allocated, threads.getThreadAllocatedBytes(thread.threadId()) - before);
                readerAllocated = Math.min(readerAllocated, appender.readerAllocatedBytes);
            }
            final Histogram flush = flushes.takeInterval();
            System.out.printf(
                    "append of %d bytes over IPC, p50 %d us, p99 %d us; of it flush p50 %d us, p99 %d us; read %d bytes;"
                            + " in %d rounds the node allocated %d bytes, the reader %d, in the best of %d tries%n",
                    APPEND_BYTES,
                    appender.latency.getValueAtPercentile(50) / 1000,
                    appender.latency.getValueAtPercentile(99) / 1000,
                    flush.getValueAtPercentile(50) / 1000,
                    flush.getValueAtPercentile(99) / 1000,
                    appender.readBytes,
                    ROUNDS,
                    allocated,
                    readerAllocated,
                    tries);
            assertThat(appender.readBytes).isEqualTo((tries + 1L) * ROUNDS * APPEND_BYTES);
            assertThat(allocated).as("bytes allocated by the node").isZero();
            assertThat(readerAllocated).as("bytes allocated by the reader").isZero();
        }
        endpoint.close();
    }

    /** A node's first answers are lost, until it has found the way back. */
    private static boolean isAnswered(final NodeClient client) {
        client.send(client.writer.describeLog(1, LOG));
        LockSupport.parkNanos(1_000_000);
        client.poll();
        return !client.heard.isEmpty();
    }

    private LogStatus status(final WalNode node) {
        await(() -> !node.status().logs().isEmpty());
        return node.status().logs().getFirst();
    }

    private boolean await(final BooleanSupplier condition) {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            if (failure != null || SystemClock.INSTANCE.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("the node has not answered in time: " + doing, failure);
            }
            Thread.yield();
        }
        return true;
    }

    /** Appends, waits until it is on disk and read back as committed, and again. */
    private final class Appender implements QuorumMessageHandler {
        private final Histogram latency = new Histogram(60_000_000_000L, 3);
        private final QuorumMessageReader messages = new QuorumMessageReader();
        private final AeronEndpoint endpoint;
        private final NodeClient client;
        private final long acceptor;
        private final CommittedWalReaders readers;
        private final CommittedWalReader reader;
        private final UnsafeBuffer body = new UnsafeBuffer(new byte[APPEND_BYTES]);
        private long lsn = TestProposer.SPEC.startLsn();
        private long flushedLsn;
        private long readBytes;
        private long readerAllocatedBytes;

        Appender(
                final AeronEndpoint endpoint,
                final NodeClient client,
                final long acceptor,
                final CommittedWalReaders readers) {
            this.endpoint = endpoint;
            this.client = client;
            this.acceptor = acceptor;
            this.readers = readers;
            this.reader = readers.open(LOG, List.of(NODE), lsn, (begin, buffer, offset, length) -> {
                readBytes += length;
                return length;
            });
        }

        void run(final int rounds) {
            for (int i = 0; i < rounds; i++) {
                final long beganNs = SystemClock.INSTANCE.nanoTime();
                final int head = client.writer.append(LOG, acceptor, 1, lsn, lsn, -1);
                await(() ->
                        endpoint.send(NODE, client.writer.buffer(), 0, head, body, 0, APPEND_BYTES) == SendResult.SENT);
                lsn += APPEND_BYTES;
                await(this::isFlushed);
                latency.recordValue(SystemClock.INSTANCE.nanoTime() - beganNs);
                final long before = threads.getCurrentThreadAllocatedBytes();
                readers.doWork();
                readerAllocatedBytes += threads.getCurrentThreadAllocatedBytes() - before;
            }
            final int head = client.writer.append(LOG, acceptor, 1, lsn, lsn, -1);
            await(() -> endpoint.send(NODE, client.writer.buffer(), 0, head) == SendResult.SENT);
            doing = "reads up to " + lsn + ": " + reader;
            await(this::isRead);
            doing = "appends";
        }

        private boolean isRead() {
            readers.doWork();
            return reader.positionLsn() == lsn;
        }

        private boolean isFlushed() {
            endpoint.poll((from, buffer, offset, length) -> messages.read(from, buffer, offset, length, this), 10);
            return flushedLsn >= lsn;
        }

        @Override
        public void onAppended(
                final int from,
                final long logId,
                final long acceptorId,
                final long promisedTerm,
                final long followedTerm,
                final long receivedLsn,
                final long itsFlushedLsn) {
            flushedLsn = itsFlushedLsn;
        }
    }
}
