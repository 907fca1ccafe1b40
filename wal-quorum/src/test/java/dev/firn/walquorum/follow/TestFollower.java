package dev.firn.walquorum.follow;

import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** A follower on its thread, with a control thread. */
final class TestFollower implements AutoCloseable {
    static final WriterConfig WRITER = WriterConfig.DEFAULT.withWindowBytes(8 << 20);

    private static final long LONGEST_WAIT_NS = 5_000_000;

    final Follower follower;
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private final AgentThread thread;
    private final WaitSet waits = new WaitSet(LONGEST_WAIT_NS, LONGEST_WAIT_NS);

    /** Has the log made, as an attachment does. */
    static Membership makeLog(final Endpoint endpoint, final LogSpec spec, final OffHeapMemory memory) {
        try (QuorumWriter writer = QuorumWriter.open(
                endpoint,
                spec,
                TestQuorum.nodeIds(),
                Membership.NONE,
                WRITER,
                memory,
                SystemClock.INSTANCE,
                SystemRandom.create())) {
            while (writer.state() != WriterState.CREATED) {
                writer.doWork();
                Thread.onSpinWait();
            }
            return writer.createdMembership();
        } finally {
            endpoint.close();
        }
    }

    TestFollower(
            final AeronEndpoint endpoint,
            final LogSpec spec,
            final Membership membership,
            final ConnInfo info,
            final HistoryKeeper histories,
            final boolean isMeantToLead,
            final OffHeapMemory memory) {
        final PgwireConfig pgwire = PgwireConfig.of(SystemClock.INSTANCE, memory);
        final QuorumWriter writer = QuorumWriter.open(
                endpoint,
                spec,
                TestQuorum.nodeIds(),
                membership,
                WRITER,
                memory,
                SystemClock.INSTANCE,
                SystemRandom.create());
        follower = new Follower(
                FollowerConfig.of(TestPrimary.SLOT, pgwire.receiveBufferBytes())
                        .withLongestBackoffNs(1_000_000_000L)
                        .withMeantToLead(isMeantToLead),
                spec,
                1,
                writer,
                new PostgresPrimary(info, pgwire),
                histories,
                control,
                SystemClock.INSTANCE,
                SystemRandom.create());
        endpoint.doorbell().ifPresent(waits::add);
        follower.wakeBy(waits);
        thread = AgentThread.start(
                follower,
                AgentThreadConfig.of(IdleProfile.SHARED_MACHINE).wokenBy(waits),
                (role, thrown) -> failure.set(thrown));
    }

    FollowerStatus status() {
        if (failure.get() != null) {
            throw new AssertionError("the follower has failed", failure.get());
        }
        return follower.status();
    }

    @Override
    public void close() {
        thread.close();
        waits.close();
        control.close();
    }
}
