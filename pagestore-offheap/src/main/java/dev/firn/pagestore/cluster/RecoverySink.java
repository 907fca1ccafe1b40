package dev.firn.pagestore.cluster;

import dev.firn.postgres.effect.ClusterParameters;
import dev.firn.postgres.effect.EffectSink;
import dev.firn.postgres.effect.OffsetsPages;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * The rules by which what records say, besides changing relation pages, depends on what was before: which SLRU pages come to be, how counters move,
 * what a change of settings brings with it. It keeps {@link ClusterProgress}, {@link SlruSegments} and {@link ReplicationOrigins}; all else
 * is the target's.
 *
 * <p>Left out, as nothing of it outlives recovery: parents of subtransactions (Postgres fills pg_subtrans anew when it starts), running
 * transactions, stale relation caches (no copy keeps one), and the mappings for logical decoding (they serve replication slots, which a copy
 * does not have).
 */
public final class RecoverySink implements EffectSink {
    /** What {@link #write} takes. */
    public static final int BYTES = OffsetsPages.BYTES + SlruSegments.NEWEST_BYTES;

    private final ClusterProgress progress;
    private final SlruSegments slrus;
    private final ReplicationOrigins origins;
    private final RecoveryTarget target;
    private final OffsetsPages offsetsPages = new OffsetsPages();
    private final OffsetsPages.Presence offsetsPresence;
    private final SlruSegments.SegmentHandler removal = this::remove;
    private WalRecord record;

    public RecoverySink(
            final ClusterProgress progress,
            final SlruSegments slrus,
            final ReplicationOrigins origins,
            final RecoveryTarget target) {
        this.progress = progress;
        this.slrus = slrus;
        this.origins = origins;
        this.target = target;
        this.offsetsPresence = page -> slrus.isThere(Slru.MULTIXACT_OFFSETS, page);
    }

    /** Begins with a base: recovery looks at where its counters stand (StartupCLOG, StartupCommitTs). */
    public void start() {
        slrus.newest(Slru.XACT, Slru.XACT.page((int) progress.nextXid()));
        if (tracksCommitTimestamps()) {
            startCommitTimestamps();
        }
    }

    /** Writes what depends on records before and is nowhere else: {@link #read} goes on from it. */
    public void write(final MemorySegment to, final long at) {
        offsetsPages.write(to, at);
        slrus.write(to, at + OffsetsPages.BYTES);
    }

    public void read(final MemorySegment from, final long at) {
        offsetsPages.read(from, at);
        slrus.read(from, at + OffsetsPages.BYTES);
    }

    /** The record that is told next; borrowed until the one after it. */
    public void record(final WalRecord borrowed) {
        record = borrowed;
    }

    // Relations, databases, tablespaces.

    @Override
    public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
        target.relationCreated(tablespace, database, relfilenode, fork);
    }

    /** smgr_redo of storage.c: the main fork comes to be, whichever is cut. */
    @Override
    public void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {
        target.relationCreated(tablespace, database, relfilenode, Fork.MAIN.number());
        target.relationTruncated(tablespace, database, relfilenode, fork, blocks);
    }

    /** The map is only a hint: Postgres fills it anew, and without it no block is looked for that is gone. */
    @Override
    public void freeSpaceForgotten(
            final int tablespace, final int database, final int relfilenode, final int heapBlock) {
        target.freeSpaceForgotten(tablespace, database, relfilenode);
    }

    @Override
    public void relationDropped(final int tablespace, final int database, final int relfilenode) {
        target.relationDropped(tablespace, database, relfilenode);
    }

    @Override
    public void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {
        target.databaseCopied(tablespace, database, sourceTablespace, sourceDatabase);
    }

    @Override
    public void databaseCreated(final int tablespace, final int database) {
        target.databaseCreated(tablespace, database);
    }

    @Override
    public void databaseDropped(final int tablespace, final int database) {
        target.databaseDropped(tablespace, database);
    }

    @Override
    public void tablespaceCreated(
            final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {
        target.tablespaceCreated(tablespace, path, pathOffset, pathBytes);
    }

    @Override
    public void tablespaceDropped(final int tablespace) {
        target.tablespaceDropped(tablespace);
    }

    @Override
    public void relationMapReplaced(
            final int tablespace,
            final int database,
            final MemorySegment map,
            final long mapOffset,
            final int mapBytes) {
        final int place = database == 0 ? RelFileLocator.GLOBAL_TABLESPACE : tablespace;
        target.relationMapReplaced(place, database, map, mapOffset, mapBytes);
    }

    // SLRUs.

    @Override
    public void slruPageZeroed(final Slru slru, final int page) {
        if (slru != Slru.MULTIXACT_OFFSETS || offsetsPages.zeroed(page)) {
            zero(slru, page);
        }
    }

    @Override
    public void slruTruncated(final Slru slru, final int cutoffPage) {
        slrus.truncated(slru, cutoffPage, removal);
    }

    @Override
    public void slruSegmentRemoved(final Slru slru, final int segment) {
        remove(slru, segment);
    }

    @Override
    public void transactionStatus(final int xid, final int status) {
        final int page = Slru.XACT.page(xid);
        final boolean fresh = grow(Slru.XACT, page);
        target.transactionStatus(xid, status, fresh);
    }

    @Override
    public void commitTimestamp(final int xid, final long timestamp, final int origin) {
        if (tracksCommitTimestamps()) {
            final int page = Slru.COMMIT_TS.page(xid);
            final boolean fresh = grow(Slru.COMMIT_TS, page);
            target.commitTimestamp(xid, timestamp, origin, fresh);
            progress.newestCommitTimestampXid(xid);
        }
    }

    @Override
    public void multiXactCreated(final int multiXact) {
        final int early = offsetsPages.created(multiXact, offsetsPresence);
        if (early >= 0) {
            zero(Slru.MULTIXACT_OFFSETS, early);
        }
    }

    @Override
    public void multiXactOffset(final int multiXact, final int memberOffset) {
        final int page = Slru.MULTIXACT_OFFSETS.page(multiXact);
        final boolean fresh = grow(Slru.MULTIXACT_OFFSETS, page);
        target.multiXactOffset(multiXact, memberOffset, fresh);
    }

    @Override
    public void multiXactMember(final int memberOffset, final int xid, final int status) {
        final int page = Slru.MULTIXACT_MEMBERS.page(memberOffset);
        final boolean fresh = grow(Slru.MULTIXACT_MEMBERS, page);
        target.multiXactMember(memberOffset, xid, status, fresh);
    }

    private void zero(final Slru slru, final int page) {
        grow(slru, page);
        target.slruPageZeroed(slru, page);
        slrus.newest(slru, page);
    }

    /** A page is there from now on. Says whether it was not. */
    private boolean grow(final Slru slru, final int page) {
        final int segment = slru.segment(page);
        final int before = slrus.pages(slru, segment);
        final boolean fresh = slrus.grow(slru, page);
        if (fresh) {
            target.slruSegmentGrown(slru, segment, before, slrus.pages(slru, segment));
        }
        return fresh;
    }

    private void remove(final Slru slru, final int segment) {
        if (slrus.remove(slru, segment)) {
            target.slruSegmentRemoved(slru, segment);
        }
    }

    // Two-phase state.

    @Override
    public void transactionPrepared(
            final int xid, final MemorySegment state, final long stateOffset, final int stateBytes) {
        final long fullXid = progress.nextXid() - Integer.toUnsignedLong((int) progress.nextXid() - xid);
        target.transactionPrepared(fullXid, state, stateOffset, stateBytes);
    }

    @Override
    public void preparedFinished(final int xid) {
        target.preparedFinished(xid);
    }

    // Counters.

    @Override
    public void xidUsed(final int xid) {
        progress.xidUsed(xid);
    }

    @Override
    public void nextOid(final int oid) {
        progress.nextOid(oid);
    }

    @Override
    public void nextMultiXact(final int multiXact, final int memberOffset) {
        progress.nextMultiXact(multiXact, memberOffset);
    }

    @Override
    public void oldestMultiXact(final int multiXact, final int database) {
        progress.oldestMultiXact(multiXact, database);
    }

    @Override
    public void oldestCommitTimestampXid(final int xid) {
        progress.oldestCommitTimestampXid(xid);
    }

    // The cluster.

    @Override
    public void checkpoint(final Checkpoint checkpoint, final boolean shutdown, final long lsn) {
        progress.checkpoint(checkpoint, shutdown, lsn, record.nextLsn());
        target.controlFileChanged();
    }

    @Override
    public void recoveryEnded(final int timeline, final int previousTimeline, final long time) {
        progress.recoveryEnded(timeline, record.nextLsn());
        target.controlFileChanged();
    }

    /** CommitTsParameterChange of commit_ts.c besides. */
    @Override
    public void parametersChanged(final ClusterParameters parameters) {
        final boolean tracked = tracksCommitTimestamps();
        progress.parametersChanged(parameters);
        if (parameters.trackCommitTimestamp() && !tracked) {
            startCommitTimestamps();
        } else if (!parameters.trackCommitTimestamp() && tracked) {
            slrus.forEach(Slru.COMMIT_TS, removal);
            progress.forgetCommitTimestamps();
        }
        target.controlFileChanged();
    }

    @Override
    public void backupEnded(final long startLsn) {
        progress.backupEnded(startLsn);
        target.controlFileChanged();
    }

    @Override
    public void committed(final int xid, final long timestamp) {
        target.transactionEnded(timestamp);
    }

    @Override
    public void aborted(final int xid, final long timestamp) {
        target.transactionEnded(timestamp);
    }

    // Replication.

    @Override
    public void originAdvanced(final int origin, final long remoteLsn, final long localLsn, final boolean backward) {
        target.originMoved(origin, origins.advance(origin, remoteLsn, backward));
    }

    @Override
    public void originDropped(final int origin) {
        origins.drop(origin);
        target.originDropped(origin);
    }

    private boolean tracksCommitTimestamps() {
        return progress.control().trackCommitTimestamp();
    }

    /** ActivateCommitTs of commit_ts.c. */
    private void startCommitTimestamps() {
        progress.startCommitTimestamps();
        final int page = Slru.COMMIT_TS.page((int) progress.nextXid());
        if (!slrus.isThere(Slru.COMMIT_TS, page)) {
            zero(Slru.COMMIT_TS, page);
        }
        slrus.newest(Slru.COMMIT_TS, page);
    }
}
