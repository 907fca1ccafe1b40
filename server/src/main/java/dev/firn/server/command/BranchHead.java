package dev.firn.server.command;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.up.StopSignal;
import dev.firn.server.wal.ArchivedChain;
import dev.firn.server.wal.RecordEnds;
import dev.firn.server.wal.WalFetch;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a restore ends. A Postgres that is to go on with a branch must have all that the branch's log has: also what the page server has
 * not ingested yet, and the beginning of a record of which the rest was lost with the Postgres that wrote it.
 */
final class BranchHead {
    private static final Duration POLL = Duration.ofMillis(50);

    /** A Postgres that goes on writing is never caught up with. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final PageConnection connection;
    private final ArchivedChain chain;
    private final RecordEnds ends;

    /**
     * Where it ends.
     *
     * @param lsn of the pages.
     * @param walEndLsn of the WAL: there, or behind the beginning of a record.
     */
    record Point(long lsn, long walEndLsn) {}

    BranchHead(
            final PageConnection connection,
            final ArchivedChain chain,
            final WalFetch.Quorum quorum,
            final OffHeapMemory memory) {
        this.connection = connection;
        this.chain = chain;
        this.ends = new RecordEnds(
                chain,
                new ArchivedChain.Tools(Optional.of(quorum), memory, SystemClock.INSTANCE, SystemRandom.secure()));
    }

    Point at(final long lsn) {
        return new Point(lsn, lsn);
    }

    /** The newest that is ingested; of a branch with a log of its own, all that is committed, if that comes to rest. */
    Point newest(final TimelineFacts timeline, final StopSignal signal) {
        if (chain.branch().isEmpty() || chain.log().isEmpty()) {
            return at(timeline.appliedLsn());
        }
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + LIMIT.toNanos();
        long lsn = timeline.appliedLsn();
        while (ends.isRecordBehind(lsn)) {
            if (SystemClock.INSTANCE.nanoTime() - deadlineNs > 0 || isStopped(signal)) {
                return at(lsn);
            }
            lsn = connection.timeline(timeline.name()).appliedLsn();
        }
        return new Point(lsn, ends.behindLostRecord(lsn));
    }

    private static boolean isStopped(final StopSignal signal) {
        try {
            return signal.await(POLL);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
