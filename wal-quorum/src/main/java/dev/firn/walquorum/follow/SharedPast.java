package dev.firn.walquorum.follow;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.walquorum.pgwire.ReplicationConnection;
import dev.firn.walquorum.pgwire.SystemIdentity;
import java.util.function.BooleanSupplier;

/**
 * Whether a server's WAL is a branch's, up to where the branch's ends. All Postgres' that were started on restores of one cluster have
 * its system identifier, and its timelines: what they wrote alone tells them apart. Blocks.
 */
final class SharedPast {
    /** Two that wrote something else have the same for so long only if nothing was committed there. */
    private static final long MOST_COMPARED_BYTES = 4 << 20;

    private final BranchWal wal;
    private final BooleanSupplier stop;

    SharedPast(final BranchWal wal, final BooleanSupplier stop) {
        this.wal = wal;
        this.stop = stop;
    }

    /**
     * Compares the end of what the branch has with what the server has there.
     *
     * @param connection of its own: the stream ends with it.
     * @param endLsn where the branch's WAL ends.
     * @param isKnown whether the server has been found to be the branch's before, so that it need not have all of it still.
     * @throws AttachException in one sentence, when it has something else, or less.
     */
    void require(
            final ReplicationConnection connection,
            final SystemIdentity identity,
            final long endLsn,
            final boolean isKnown) {
        final String name = wal.branch().name();
        if (Long.compareUnsigned(identity.flushLsn(), endLsn) < 0) {
            throw new AttachException("the WAL of the server at " + connection.host() + " ends at "
                    + Lsn.format(identity.flushLsn()) + ", before that of the branch " + name + ", at "
                    + Lsn.format(endLsn) + ": start Postgres on what ./firn restore --branch " + name
                    + " writes now, and attach that");
        }
        final long segmentBytes = wal.walSegmentBytes();
        final long fromLsn = Math.max((endLsn - 1) & -segmentBytes, endLsn - MOST_COMPARED_BYTES);
        final int newest = (int) identity.timeline();
        final TimelineHistory history = Lineage.ofServer(new PostgresPrimary.Session(connection), newest);
        final int timeline = Lineage.timelineAt(history, endLsn - 1);
        if (Lineage.timelineAt(history, wal.branch().branchLsn() - 1) != wal.postgresTimeline()) {
            throw new AttachException("Postgres' timeline of the server at " + connection.host() + " is another at "
                    + Lsn.format(wal.branch().branchLsn()) + ", where " + name + " leaves "
                    + wal.branch().parent()
                    + ", than that one's, " + Integer.toUnsignedString(wal.postgresTimeline())
                    + ": start Postgres on what ./firn restore --branch " + name + " writes, and attach that");
        }
        final byte[] expected = wal.read(fromLsn, endLsn);
        final WalComparison comparison = new WalComparison(expected, fromLsn);
        if (!comparison.run(() -> connection.startReplication(null, fromLsn, Integer.toUnsignedLong(timeline)), stop)) {
            throw new AttachException("the server at " + connection.host() + " did not send its WAL from "
                    + Lsn.format(fromLsn) + " on in time: attach again");
        }
        judge(comparison, connection.host(), endLsn, isKnown);
    }

    private void judge(final WalComparison comparison, final String host, final long endLsn, final boolean isKnown) {
        final String name = wal.branch().name();
        if (comparison.differsAt() != Lsn.INVALID) {
            throw new AttachException("the WAL of the server at " + host + " differs from that of the branch " + name
                    + " at " + Lsn.format(comparison.differsAt()) + ", before " + Lsn.format(endLsn)
                    + ": it is not of this branch, or the branch has gone on since it was restored; start Postgres on what"
                    + " ./firn restore --branch " + name
                    + " writes now and attach that, or attach it to a branch of its own");
        }
        if (comparison.isDone() || (isKnown && comparison.isRemoved())) {
            return;
        }
        if (!comparison.isRemoved()) {
            throw new AttachException("the server at " + host + " did not send its WAL: "
                    + (comparison.error() == null
                            ? "it ended the stream"
                            : comparison.error().getMessage()));
        }
        if (endLsn % wal.walSegmentBytes() == 0) {
            throw new AttachException("the branch " + name + " ends with a segment of WAL, at " + Lsn.format(endLsn)
                    + ", of which no Postgres that is started on it keeps anything to tell it by: make a branch of it, with"
                    + " ./firn branch create --from " + name + ", and attach what ./firn restore writes of that");
        }
        throw new AttachException("the server at " + host + " has removed its WAL before " + Lsn.format(endLsn)
                + " already, with which it would have to go on: attach it before it writes much, or set its"
                + " wal_keep_size; start again with ./firn restore --branch " + name);
    }
}
