package dev.firn.walquorum.follow;

import dev.firn.walquorum.stream.LogRemoval;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/** Has logs made and removed, and waits for it. For threads that may block. */
final class QuorumLogs {
    private static final long LIMIT_NS = 60_000_000_000L;

    /** Some heartbeats. */
    private static final long TOLD_NS = 500_000_000L;

    private final AttachTools tools;
    private final IdleStrategy idle = new SleepingMillisIdleStrategy(1);

    QuorumLogs(final AttachTools tools) {
        this.tools = tools;
    }

    /** The first membership of the log, made by the nodes that are up. */
    Membership make(final LogSpec spec, final Set<Integer> nodeIds) {
        try (QuorumWriter writer = QuorumWriter.open(
                tools.endpoint(),
                spec,
                nodeIds,
                Membership.NONE,
                tools.writer().withWindowBytes(WriterConfig.MIN_WINDOW_BYTES),
                tools.memory(),
                tools.clock(),
                tools.random())) {
            final long beganNs = tools.clock().nanoTime();
            while (writer.state() != WriterState.CREATED) {
                requireGoingOn();
                if (writer.state() == WriterState.REFUSED || tools.clock().nanoTime() - beganNs > LIMIT_NS) {
                    throw new AttachException(
                            "the log of " + spec.timeline() + " cannot be made: " + writer.sentence());
                }
                idle.idle(writer.doWork());
            }
            return writer.createdMembership();
        }
    }

    /**
     * Where a log ends: known for certain only by who has won a term, and committed up to there from then on. Whoever wrote it before is
     * deposed.
     */
    long end(final LogSpec spec, final Set<Integer> nodeIds, final Membership membership) {
        try (QuorumWriter writer = QuorumWriter.open(
                tools.endpoint(),
                spec,
                nodeIds,
                membership,
                tools.writer().withWindowBytes(WriterConfig.MIN_WINDOW_BYTES),
                tools.memory(),
                tools.clock(),
                tools.random())) {
            final long beganNs = tools.clock().nanoTime();
            while (!writer.isLeading()) {
                requireGoingOn();
                if (writer.state() == WriterState.REFUSED
                        || writer.state() == WriterState.DEPOSED
                        || tools.clock().nanoTime() - beganNs > LIMIT_NS) {
                    throw new AttachException(
                            "nobody can say where the log of " + spec.timeline() + " ends: " + writer.sentence());
                }
                idle.idle(writer.doWork());
            }
            // The nodes hear with the next heartbeats what is committed by that, and show it to those who read from
            // them.
            final long leadsSinceNs = tools.clock().nanoTime();
            while (tools.clock().nanoTime() - leadsSinceNs < TOLD_NS) {
                requireGoingOn();
                idle.idle(writer.doWork());
            }
            if (!writer.isLeading()) {
                throw new AttachException(
                        "another writer has taken the log of " + spec.timeline() + " over: try again");
            }
            return writer.wantedFromLsn();
        }
    }

    /** The nodes that have the log still, or did not say in time. */
    List<String> remove(final long logId, final Set<Integer> nodeIds, final long limitNs) {
        final LogRemoval removal =
                new LogRemoval(tools.endpoint(), logId, nodeIds, tools.writer(), tools.clock(), tools.random());
        final long beganNs = tools.clock().nanoTime();
        while (!removal.isDone() && tools.clock().nanoTime() - beganNs < limitNs) {
            requireGoingOn();
            idle.idle(removal.doWork());
        }
        return removal.left();
    }

    private void requireGoingOn() {
        if (tools.stop().getAsBoolean()) {
            throw new AttachException("it was asked to stop");
        }
    }
}
