package dev.firn.walquorum.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class QuorumWriterAllocationTest {
    private static final long START_LSN = 0x100_0000L;
    private static final int WRITER = 3;
    private static final int WARM_UP = 20_000;
    private static final int APPENDS = 10_000;
    private static final int BYTES = 300;

    /** Now and then, not for each append, a leader looks after its nodes: so the least of some rounds counts. */
    private static final int ROUNDS = 5;

    @TempDir
    Path directory;

    private final UnsafeBuffer wal = new UnsafeBuffer(new byte[BYTES]);

    @Test
    @Timeout(60)
    void shouldAllocateNothingForEachAppendAndCommit() {
        final AddressTable table = AddressTable.of(Map.of(0, "ipc", 1, "ipc", 2, "ipc", WRITER, "ipc"));
        final LogSpec spec = new LogSpec(1, "main", 2, 17, 1 << 24, START_LSN);
        final List<AgentThread> threads = new ArrayList<>();
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("writer", 4 << 20));
                AeronNetwork network =
                        new AeronNetwork(table, new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, directory))) {
            for (int id = 0; id < WRITER; id++) {
                final TestWalNode node = new TestWalNode(
                        network.open(id), new TestDisk(), SystemClock.INSTANCE, SystemRandom.seeded(id), 0, 16 << 20);
                threads.add(AgentThread.start(
                        node,
                        AgentThreadConfig.of(IdleProfile.SHARED_MACHINE),
                        (role, failure) -> failure.printStackTrace()));
            }
            try (QuorumWriter writer = QuorumWriter.open(
                    network.open(WRITER),
                    spec,
                    Set.of(0, 1, 2),
                    Membership.NONE,
                    WriterConfig.DEFAULT.withWindowBytes(1 << 20),
                    memory,
                    SystemClock.INSTANCE,
                    SystemRandom.seeded(9))) {
                while (!writer.isLeading()) {
                    writer.doWork();
                    if (writer.state() == WriterState.CREATED) {
                        writer.begin();
                    }
                    Thread.onSpinWait();
                }
                final ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                append(writer, WARM_UP);
                long least = Long.MAX_VALUE;
                for (int round = 0; round < ROUNDS; round++) {
                    final long before = beans.getCurrentThreadAllocatedBytes();
                    append(writer, APPENDS);
                    least = Math.min(least, beans.getCurrentThreadAllocatedBytes() - before);
                }

                assertThat(writer.committedLsn()).isEqualTo(START_LSN + (long) (WARM_UP + ROUNDS * APPENDS) * BYTES);
                assertThat(least)
                        .as("bytes allocated by " + APPENDS + " appends with their commits")
                        .isZero();
            } finally {
                threads.forEach(AgentThread::close);
            }
        }
    }

    /** Appends, and waits for the commits now and then, so that both the window and the idle path are used. */
    private void append(final QuorumWriter writer, final int count) {
        for (int i = 0; i < count; i++) {
            while (writer.room() < BYTES) {
                writer.doWork();
            }
            writer.append(writer.wantedFromLsn(), wal, 0, BYTES);
            writer.doWork();
            while (i % 64 == 0 && writer.isOutstanding()) {
                writer.doWork();
                Thread.yield();
            }
        }
        while (writer.isOutstanding()) {
            writer.doWork();
            Thread.yield();
        }
    }
}
