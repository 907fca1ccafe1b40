package dev.firn.pagestore.replay;

import dev.firn.postgres.effect.ClusterParameters;
import dev.firn.postgres.effect.EffectSink;
import dev.firn.postgres.effect.OffsetsPages;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Does to the {@link ReplayState} what records do besides changing relation pages.
 *
 * <p>Left out, as nothing of it outlives recovery: parents of subtransactions (Postgres fills pg_subtrans anew when it starts), running
 * transactions, stale relation caches (no copy keeps one), and the mappings for logical decoding (they serve replication slots, which a copy
 * does not have).
 */
final class ReplaySink implements EffectSink {
    private final PostgresVersion version;
    private final ReplayState state;
    private final RelationSizes sizes;
    private final SlruPages slrus;
    private final ClusterProgress progress;
    private final OffsetsPages offsetsPages = new OffsetsPages();
    private WalRecord record;
    private boolean parametersChanged;

    ReplaySink(final PostgresVersion version, final ReplayState state) {
        this.version = version;
        this.state = state;
        this.sizes = state.sizes();
        this.slrus = state.slrus();
        this.progress = state.progress();
        slrus.newest(Slru.XACT, Slru.XACT.page((int) progress.nextXid()));
        if (tracksCommitTimestamps()) {
            startCommitTimestamps();
        }
    }

    /** The record that is being told; borrowed. */
    void record(final WalRecord borrowed) {
        record = borrowed;
    }

    /** Whether a record changed the cluster's settings since this was asked. */
    boolean takeParametersChanged() {
        final boolean changed = parametersChanged;
        parametersChanged = false;
        return changed;
    }

    // Relations, databases, tablespaces.

    @Override
    public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
        sizes.create(owner(tablespace, database, relfilenode, fork));
    }

    /** smgr_redo of storage.c: the main fork comes to be, and its invalid pages are forgotten, not those of the maps. */
    @Override
    public void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {
        final int main = Fork.MAIN.number();
        sizes.create(owner(tablespace, database, relfilenode, main));
        final int owner = owner(tablespace, database, relfilenode, fork);
        if (sizes.exists(owner) && Integer.compareUnsigned(blocks, sizes.blocks(owner)) < 0) {
            state.table().discard(owner, blocks, sizes.blocks(owner));
            sizes.truncate(owner, blocks);
        }
        if (fork == main) {
            state.invalidPages()
                    .forget(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork), blocks);
        }
    }

    /** The map is only a hint: Postgres fills it anew, and without it no block is looked for that is gone. */
    @Override
    public void freeSpaceForgotten(
            final int tablespace, final int database, final int relfilenode, final int heapBlock) {
        final int owner = owner(tablespace, database, relfilenode, Fork.FREE_SPACE_MAP.number());
        if (sizes.exists(owner)) {
            state.table().discard(owner, 0, sizes.blocks(owner));
            sizes.truncate(owner, 0);
        }
    }

    @Override
    public void relationDropped(final int tablespace, final int database, final int relfilenode) {
        final long space = BlockKey.space(tablespace, database);
        for (int fork = 0; Fork.of(fork) != null; fork++) {
            final long relation = BlockKey.relation(relfilenode, fork);
            state.dropFork(sizes.owner(space, relation));
            state.invalidPages().forget(space, relation, 0);
        }
    }

    @Override
    public void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {
        state.copySpace(BlockKey.space(tablespace, database), BlockKey.space(sourceTablespace, sourceDatabase));
    }

    @Override
    public void databaseCreated(final int tablespace, final int database) {
        state.databases().create(BlockKey.space(tablespace, database));
    }

    @Override
    public void databaseDropped(final int tablespace, final int database) {
        state.dropSpace(BlockKey.space(tablespace, database));
        state.invalidPages().forgetDatabase(database);
    }

    @Override
    public void tablespaceCreated(
            final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {
        final byte[] text = path.asSlice(pathOffset, pathBytes).toArray(ValueLayout.JAVA_BYTE);
        state.databases().createTablespace(tablespace, new String(text, StandardCharsets.UTF_8));
    }

    @Override
    public void tablespaceDropped(final int tablespace) {
        state.databases().dropTablespace(tablespace);
    }

    @Override
    public void relationMapReplaced(
            final int tablespace,
            final int database,
            final MemorySegment map,
            final long mapOffset,
            final int mapBytes) {
        final int space = database == 0 ? RelFileLocator.GLOBAL_TABLESPACE : tablespace;
        state.databases()
                .replaceRelationMap(
                        BlockKey.space(space, database),
                        map.asSlice(mapOffset, mapBytes).toArray(ValueLayout.JAVA_BYTE));
    }

    // SLRUs.

    @Override
    public void slruPageZeroed(final Slru slru, final int page) {
        if (slru != Slru.MULTIXACT_OFFSETS || offsetsPages.zeroed(page)) {
            slrus.zero(slru, page);
        }
    }

    @Override
    public void slruTruncated(final Slru slru, final int cutoffPage) {
        slrus.truncate(slru, cutoffPage);
    }

    @Override
    public void slruSegmentRemoved(final Slru slru, final int segment) {
        slrus.remove(slru, segment);
    }

    @Override
    public void transactionStatus(final int xid, final int status) {
        SlruRedo.transactionStatus(slrus.toChange(Slru.XACT, Slru.XACT.page(xid)), 0, xid, status);
    }

    @Override
    public void commitTimestamp(final int xid, final long timestamp, final int origin) {
        if (tracksCommitTimestamps()) {
            final MemorySegment page = slrus.toChange(Slru.COMMIT_TS, Slru.COMMIT_TS.page(xid));
            SlruRedo.commitTimestamp(page, 0, xid, timestamp, origin);
            progress.newestCommitTimestampXid(xid);
        }
    }

    @Override
    public void multiXactCreated(final int multiXact) {
        final int early = offsetsPages.created(multiXact, page -> slrus.isThere(Slru.MULTIXACT_OFFSETS, page));
        if (early >= 0) {
            slrus.zero(Slru.MULTIXACT_OFFSETS, early);
        }
    }

    @Override
    public void multiXactOffset(final int multiXact, final int memberOffset) {
        final Slru slru = Slru.MULTIXACT_OFFSETS;
        SlruRedo.multiXactOffset(slrus.toChange(slru, slru.page(multiXact)), 0, multiXact, memberOffset);
    }

    @Override
    public void multiXactMember(final int memberOffset, final int xid, final int status) {
        final Slru slru = Slru.MULTIXACT_MEMBERS;
        SlruRedo.multiXactMember(slrus.toChange(slru, slru.page(memberOffset)), 0, memberOffset, xid, status);
    }

    // Two-phase state.

    @Override
    public void transactionPrepared(
            final int xid, final MemorySegment content, final long contentOffset, final int contentBytes) {
        final long fullXid = progress.nextXid() - Integer.toUnsignedLong((int) progress.nextXid() - xid);
        state.prepared()
                .add(
                        xid,
                        TwoPhaseFile.fileName(version, fullXid),
                        content.asSlice(contentOffset, contentBytes),
                        record.nextLsn());
    }

    @Override
    public void preparedFinished(final int xid) {
        state.prepared().remove(xid);
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
    }

    @Override
    public void recoveryEnded(final int timeline, final int previousTimeline, final long time) {
        progress.recoveryEnded(timeline, record.nextLsn());
    }

    /** CommitTsParameterChange of commit_ts.c besides. */
    @Override
    public void parametersChanged(final ClusterParameters parameters) {
        final boolean tracked = tracksCommitTimestamps();
        progress.parametersChanged(parameters);
        parametersChanged = true;
        if (parameters.trackCommitTimestamp() && !tracked) {
            startCommitTimestamps();
        } else if (!parameters.trackCommitTimestamp() && tracked) {
            slrus.removeAll(Slru.COMMIT_TS);
            progress.forgetCommitTimestamps();
        }
    }

    @Override
    public void backupEnded(final long startLsn) {
        progress.backupEnded(startLsn);
    }

    // Replication.

    @Override
    public void originAdvanced(final int origin, final long remoteLsn, final long localLsn, final boolean backward) {
        state.origins().advance(origin, remoteLsn, backward);
    }

    @Override
    public void originDropped(final int origin) {
        state.origins().drop(origin);
    }

    private boolean tracksCommitTimestamps() {
        return progress.control().trackCommitTimestamp();
    }

    /** ActivateCommitTs of commit_ts.c. */
    private void startCommitTimestamps() {
        progress.startCommitTimestamps();
        final int page = Slru.COMMIT_TS.page((int) progress.nextXid());
        if (!slrus.isThere(Slru.COMMIT_TS, page)) {
            slrus.zero(Slru.COMMIT_TS, page);
        }
        slrus.newest(Slru.COMMIT_TS, page);
    }

    private int owner(final int tablespace, final int database, final int relfilenode, final int fork) {
        return sizes.owner(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
    }
}
