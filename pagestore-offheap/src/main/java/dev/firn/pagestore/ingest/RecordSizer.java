package dev.firn.pagestore.ingest;

import dev.firn.postgres.effect.ClusterParameters;
import dev.firn.postgres.effect.EffectSink;
import dev.firn.postgres.effect.OffsetsPages;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Counts, before anything is changed, how many entries a record's effects can come to at most, and how long their payload is. As it is told all of
 * them, a record that contradicts itself is found out here.
 */
final class RecordSizer implements EffectSink {
    private static final int FORKS = Fork.INIT.number() + 1;
    private static final int NONE = -1;

    private final HeadState head;
    private final int[] lastPages = new int[Slru.values().length];
    private long entries;
    private long payloadBytes;
    private long databaseForks;

    RecordSizer(final HeadState head) {
        this.head = head;
    }

    /** A record begins. */
    void clear() {
        entries = 0;
        payloadBytes = 0;
        databaseForks = 0;
        Arrays.fill(lastPages, NONE);
    }

    void add(final long moreEntries, final long morePayloadBytes) {
        entries += moreEntries;
        payloadBytes += morePayloadBytes;
    }

    /** All of them. */
    long entries() {
        return entries + databaseForks;
    }

    long payloadBytes() {
        return payloadBytes + databaseForks * Integer.BYTES;
    }

    /** Without the sizes of a copied or dropped database's forks, which may go on in the next table. */
    long leastEntries() {
        return entries;
    }

    long leastPayloadBytes() {
        return payloadBytes;
    }

    /** A size and a floor. */
    @Override
    public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
        add(1, Integer.BYTES);
    }

    @Override
    public void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {
        add(3, 3L * Integer.BYTES);
    }

    @Override
    public void freeSpaceForgotten(
            final int tablespace, final int database, final int relfilenode, final int heapBlock) {
        add(2, 2L * Integer.BYTES);
    }

    @Override
    public void relationDropped(final int tablespace, final int database, final int relfilenode) {
        add(2L * FORKS, (long) FORKS * Integer.BYTES);
    }

    @Override
    public void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {
        final long target = BlockKey.space(tablespace, database);
        final long source = BlockKey.space(sourceTablespace, sourceDatabase);
        if (target == source) {
            throw new IngestException("database " + Integer.toUnsignedString(database) + " becomes a copy of itself");
        }
        databaseForks += (long) head.forks.forksOf(target) + head.forks.forksOf(source);
        add(3, Long.BYTES + 1L + head.version().relationMapBytes());
    }

    @Override
    public void databaseCreated(final int tablespace, final int database) {
        add(1, 1);
    }

    @Override
    public void databaseDropped(final int tablespace, final int database) {
        databaseForks += head.forks.forksOf(BlockKey.space(tablespace, database));
        add(3, 0);
    }

    @Override
    public void tablespaceCreated(
            final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {
        add(1, pathBytes);
    }

    @Override
    public void tablespaceDropped(final int tablespace) {
        add(1, 0);
    }

    @Override
    public void relationMapReplaced(
            final int tablespace,
            final int database,
            final MemorySegment map,
            final long mapOffset,
            final int mapBytes) {
        add(1, mapBytes);
    }

    @Override
    public void slruPageZeroed(final Slru slru, final int page) {
        slruPage(slru, page);
    }

    @Override
    public void slruTruncated(final Slru slru, final int cutoffPage) {
        add(head.slrus.count(slru), 0);
    }

    @Override
    public void slruSegmentRemoved(final Slru slru, final int segment) {
        if (head.slrus.pages(slru, segment) > 0) {
            add(1, 0);
        }
    }

    @Override
    public void transactionStatus(final int xid, final int status) {
        slruChange(Slru.XACT, Slru.XACT.page(xid));
    }

    @Override
    public void commitTimestamp(final int xid, final long timestamp, final int origin) {
        if (head.progress.control().trackCommitTimestamp()) {
            slruChange(Slru.COMMIT_TS, Slru.COMMIT_TS.page(xid));
        }
    }

    /** The page of the next multixact may have to be zeroed first. */
    @Override
    public void multiXactCreated(final int multiXact) {
        slruPage(Slru.MULTIXACT_OFFSETS, Slru.MULTIXACT_OFFSETS.page(OffsetsPages.next(multiXact)));
    }

    @Override
    public void multiXactOffset(final int multiXact, final int memberOffset) {
        slruChange(Slru.MULTIXACT_OFFSETS, Slru.MULTIXACT_OFFSETS.page(multiXact));
    }

    @Override
    public void multiXactMember(final int memberOffset, final int xid, final int status) {
        slruChange(Slru.MULTIXACT_MEMBERS, Slru.MULTIXACT_MEMBERS.page(memberOffset));
    }

    private void slruChange(final Slru slru, final int page) {
        payloadBytes += SlruChanges.BYTES;
        if (lastPages[slru.ordinal()] != page) {
            lastPages[slru.ordinal()] = page;
            slruPage(slru, page);
        }
    }

    /** A page that isn't there brings its segment's size with it, and the pages before it in the segment. */
    private void slruPage(final Slru slru, final int page) {
        add(head.slrus.isThere(slru, page) ? 1 : 1 + Slru.PAGES_PER_SEGMENT, Integer.BYTES);
    }

    @Override
    public void transactionPrepared(
            final int xid, final MemorySegment state, final long stateOffset, final int stateBytes) {
        add(1, StateKeys.TWO_PHASE_CONTENT + stateBytes);
    }

    @Override
    public void preparedFinished(final int xid) {
        add(1, 0);
    }

    @Override
    public void checkpoint(final Checkpoint checkpoint, final boolean shutdown, final long lsn) {
        cluster();
    }

    @Override
    public void recoveryEnded(final int timeline, final int previousTimeline, final long time) {
        cluster();
    }

    /** Commit timestamps may all go, or their first page may come to be. */
    @Override
    public void parametersChanged(final ClusterParameters parameters) {
        cluster();
        add(head.slrus.count(Slru.COMMIT_TS) + 2L + Slru.PAGES_PER_SEGMENT, Integer.BYTES);
    }

    @Override
    public void backupEnded(final long startLsn) {
        cluster();
    }

    private void cluster() {
        add(1, ClusterEntry.BYTES);
    }

    @Override
    public void committed(final int xid, final long timestamp) {
        add(1, CommitTimes.BYTES);
    }

    @Override
    public void aborted(final int xid, final long timestamp) {
        add(1, CommitTimes.BYTES);
    }

    @Override
    public void originAdvanced(final int origin, final long remoteLsn, final long localLsn, final boolean backward) {
        add(1, Long.BYTES);
    }

    @Override
    public void originDropped(final int origin) {
        add(1, 0);
    }
}
