package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.RecoveryTarget;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Does to the {@link ReplayState} what the effects of records come to. */
final class ReplayTarget implements RecoveryTarget {
    private final PostgresVersion version;
    private final ReplayState state;
    private final RelationSizes sizes;
    private final SlruPages slrus;
    private WalRecord record;
    private boolean controlFileChanged;

    ReplayTarget(final PostgresVersion version, final ReplayState state) {
        this.version = version;
        this.state = state;
        this.sizes = state.sizes();
        this.slrus = state.slrus();
    }

    /** The record that is being told; borrowed. */
    void record(final WalRecord borrowed) {
        record = borrowed;
    }

    /** Whether a record changed the control file since this was asked. */
    boolean takeControlFileChanged() {
        final boolean changed = controlFileChanged;
        controlFileChanged = false;
        return changed;
    }

    @Override
    public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
        sizes.create(owner(tablespace, database, relfilenode, fork));
    }

    /** smgr_redo of storage.c: the invalid pages of the main fork are forgotten, not those of the maps. */
    @Override
    public void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {
        cut(owner(tablespace, database, relfilenode, fork), blocks);
        if (fork == Fork.MAIN.number()) {
            state.invalidPages()
                    .forget(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork), blocks);
        }
    }

    @Override
    public void freeSpaceForgotten(final int tablespace, final int database, final int relfilenode) {
        cut(owner(tablespace, database, relfilenode, Fork.FREE_SPACE_MAP.number()), 0);
    }

    private void cut(final int owner, final int blocks) {
        if (sizes.exists(owner) && Integer.compareUnsigned(blocks, sizes.blocks(owner)) < 0) {
            state.table().discard(owner, blocks, sizes.blocks(owner));
            sizes.truncate(owner, blocks);
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
        state.databases()
                .replaceRelationMap(
                        BlockKey.space(tablespace, database),
                        map.asSlice(mapOffset, mapBytes).toArray(ValueLayout.JAVA_BYTE));
    }

    // SLRUs. Pages that were not there read as zeroes by themselves.

    @Override
    public void slruPageZeroed(final Slru slru, final int page) {
        slrus.zero(slru, page);
    }

    @Override
    public void slruSegmentGrown(final Slru slru, final int segment, final int pagesBefore, final int pages) {
        // The sink has counted it, and the pages in between are in no file.
    }

    @Override
    public void slruSegmentRemoved(final Slru slru, final int segment) {
        slrus.remove(slru, segment);
    }

    @Override
    public void transactionStatus(final int xid, final int status, final boolean fresh) {
        SlruRedo.transactionStatus(slrus.toChange(Slru.XACT, Slru.XACT.page(xid)), 0, xid, status);
    }

    @Override
    public void commitTimestamp(final int xid, final long timestamp, final int origin, final boolean fresh) {
        final MemorySegment page = slrus.toChange(Slru.COMMIT_TS, Slru.COMMIT_TS.page(xid));
        SlruRedo.commitTimestamp(page, 0, xid, timestamp, origin);
    }

    @Override
    public void multiXactOffset(final int multiXact, final int memberOffset, final boolean fresh) {
        final Slru slru = Slru.MULTIXACT_OFFSETS;
        SlruRedo.multiXactOffset(slrus.toChange(slru, slru.page(multiXact)), 0, multiXact, memberOffset);
    }

    @Override
    public void multiXactMember(final int memberOffset, final int xid, final int status, final boolean fresh) {
        final Slru slru = Slru.MULTIXACT_MEMBERS;
        SlruRedo.multiXactMember(slrus.toChange(slru, slru.page(memberOffset)), 0, memberOffset, xid, status);
    }

    @Override
    public void transactionPrepared(
            final long fullXid, final MemorySegment content, final long contentOffset, final int contentBytes) {
        state.prepared()
                .add(
                        (int) fullXid,
                        TwoPhaseFile.fileName(version, fullXid),
                        content.asSlice(contentOffset, contentBytes),
                        record.nextLsn());
    }

    @Override
    public void preparedFinished(final int xid) {
        state.prepared().remove(xid);
    }

    // The sink keeps origins; the control file is theirs who ask for it.

    @Override
    public void originMoved(final int origin, final long remoteLsn) {
        // Kept by the sink.
    }

    @Override
    public void originDropped(final int origin) {
        // Kept by the sink.
    }

    @Override
    public void controlFileChanged() {
        controlFileChanged = true;
    }

    @Override
    public void transactionEnded(final long time) {
        // A replay goes to an LSN, whatever the time was.
    }

    private int owner(final int tablespace, final int database, final int relfilenode, final int fork) {
        return sizes.owner(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
    }
}
