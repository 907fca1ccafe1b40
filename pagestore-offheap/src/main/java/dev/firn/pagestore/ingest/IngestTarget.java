package dev.firn.pagestore.ingest;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.cluster.RecoveryTarget;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Does to the {@link HeadState} what the effects of records come to, and tells it as entries. What a record may change several times (sizes, segments,
 * SLRU pages) is told once, at its end.
 */
final class IngestTarget implements RecoveryTarget, AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("ingest");

    private static final int BYTES = EntryKind.BYTES | EntryKind.STANDS_ALONE;
    private static final int FORKS = Fork.INIT.number() + 1;
    private static final int MAIN = Fork.MAIN.number();

    private final HeadState head;
    private final ForkTable forks;
    private final EntryWriter writer;
    private final InvalidPages invalidPages;
    private final OffHeapMemory memory;
    private final SlruBatch slruBatch;

    /** For payloads of a fixed length. */
    private final MemorySegment scratch;

    /** Segments that the record has changed, and which of each SLRU they are. */
    private long[] changedSegments = new long[8];

    private int changedSegmentCount;
    private final BitSet[] segmentChanged = new BitSet[Slru.values().length];

    private long recordLsn;
    private long clusterLsn = -1;
    private boolean controlFileChanged;

    IngestTarget(
            final HeadState head,
            final EntryWriter writer,
            final InvalidPages invalidPages,
            final OffHeapMemory memory) {
        this.head = head;
        this.forks = head.forks;
        this.writer = writer;
        this.invalidPages = invalidPages;
        this.memory = memory;
        this.scratch = memory.allocate(ClusterEntry.BYTES, TAG);
        this.slruBatch = new SlruBatch(memory);
        Arrays.setAll(segmentChanged, number -> new BitSet());
    }

    @Override
    public void close() {
        slruBatch.close();
        memory.free(scratch);
    }

    /** A record begins: where, and with what LSN its entries are added. */
    void begin(final long lsn, final long nextLsn) {
        recordLsn = lsn;
        writer.lsn(nextLsn);
    }

    /**
     * The record's effects and pages have been told: what was gathered becomes entries.
     *
     * @return false when the table is full, but for what a seal adds, and there are more forks: to be called again with the next table.
     */
    boolean end() {
        slruBatch.flush(writer);
        while (forks.hasChanged()) {
            if (!writer.table().hasRoom(Integer.BYTES + ClusterEntry.BYTES, 2)) {
                return false;
            }
            final int fork = forks.takeChanged();
            final long space = forks.space(fork);
            final long relation = forks.relation(fork);
            final long high = StateKeys.high(StateKeys.SIZE, space);
            final long middle = StateKeys.middle(space, relation);
            if (forks.exists(fork)) {
                writer.addSize(high, middle, StateKeys.low(relation), forks.blocks(fork));
            } else {
                writer.addAbsent(high, middle, StateKeys.low(relation));
            }
        }
        if (changedSegmentCount > 0) {
            tellSegments();
        }
        return true;
    }

    private void tellSegments() {
        for (int i = 0; i < changedSegmentCount; i++) {
            final Slru slru = Slru.of((int) (changedSegments[i] >>> Integer.SIZE));
            final int segment = (int) changedSegments[i];
            final int pages = head.slrus.pages(slru, segment);
            if (pages > 0) {
                writer.addSize(StateKeys.SLRU_SEGMENT, 0, StateKeys.low(slru, segment), pages);
            } else {
                writer.addAbsent(StateKeys.SLRU_SEGMENT, 0, StateKeys.low(slru, segment));
            }
            segmentChanged[slru.ordinal()].clear(segment);
        }
        changedSegmentCount = 0;
    }

    /** Whether the record changed the control file; asked after its effects were told. */
    boolean takeControlFileChanged() {
        final boolean changed = controlFileChanged;
        controlFileChanged = false;
        return changed;
    }

    /** What is at this LSN, from an import or from layers, has the cluster's entry. */
    void clusterIsToldAt(final long lsn) {
        clusterLsn = lsn;
    }

    /** Adds the cluster's entry, unless the last one was at this LSN. The head has the sink's state. */
    void tellCluster() {
        if (clusterLsn != writer.lsn()) {
            clusterLsn = writer.lsn();
            head.writeCluster(scratch);
            writer.add(ClusterEntry.HIGH, ClusterEntry.MIDDLE, ClusterEntry.LOW, BYTES, scratch, 0, ClusterEntry.BYTES);
        }
    }

    // Relations.

    @Override
    public void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {
        create(forks.findOrAdd(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork)));
    }

    /** A fork comes to be, empty, unless it is there. */
    void create(final int fork) {
        if (!forks.exists(fork)) {
            forks.change(fork, 0);
        }
    }

    @Override
    public void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {
        final long space = BlockKey.space(tablespace, database);
        final long relation = BlockKey.relation(relfilenode, fork);
        cut(forks.find(space, relation), blocks);
        if (fork == MAIN) {
            invalidPages.forget(space, relation, blocks);
        }
    }

    @Override
    public void freeSpaceForgotten(final int tablespace, final int database, final int relfilenode) {
        final long relation = BlockKey.relation(relfilenode, Fork.FREE_SPACE_MAP.number());
        cut(forks.find(BlockKey.space(tablespace, database), relation), 0);
    }

    private void cut(final int fork, final int blocks) {
        if (fork != ForkTable.NONE && forks.exists(fork) && Integer.compareUnsigned(blocks, forks.blocks(fork)) < 0) {
            tellFloor(fork, blocks);
            forks.change(fork, blocks);
        }
    }

    private void tellFloor(final int fork, final int blocks) {
        final long space = forks.space(fork);
        final long relation = forks.relation(fork);
        head.pushFloor(fork, writer.lsn(), blocks);
        writer.addSize(
                StateKeys.high(StateKeys.RELATION_FLOOR, space),
                StateKeys.middle(space, relation),
                StateKeys.low(relation),
                blocks);
    }

    @Override
    public void relationDropped(final int tablespace, final int database, final int relfilenode) {
        final long space = BlockKey.space(tablespace, database);
        for (int number = 0; number < FORKS; number++) {
            final long relation = BlockKey.relation(relfilenode, number);
            final int fork = forks.find(space, relation);
            if (fork != ForkTable.NONE && forks.exists(fork)) {
                if (forks.blocks(fork) != 0) {
                    tellFloor(fork, 0);
                }
                forks.drop(fork);
            }
            invalidPages.forget(space, relation, 0);
        }
    }

    // Databases and tablespaces. Their forks' sizes are told one by one, their pages by one floor.

    @Override
    public void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {
        final long target = BlockKey.space(tablespace, database);
        final long source = BlockKey.space(sourceTablespace, sourceDatabase);
        dropForks(target);
        for (int fork = 0, end = forks.count(); fork < end; fork++) {
            if (forks.space(fork) == source && forks.exists(fork)) {
                final int blocks = forks.blocks(fork);
                forks.change(forks.findOrAdd(target, forks.relation(fork)), blocks);
            }
        }
        head.pushDirectoryFloor(target, writer.lsn(), source);
        LittleEndian.putLong(scratch, 0, source);
        writer.add(
                StateKeys.high(StateKeys.DATABASE_FLOOR, target),
                StateKeys.middle(target),
                0,
                BYTES,
                scratch,
                0,
                Long.BYTES);
        putDirectory(target, head.hasVersion(source));
        final byte[] map = head.relationMaps.get(source);
        if (map != null) {
            putRelationMap(target, MemorySegment.ofArray(map), 0, map.length);
        } else {
            removeRelationMap(target);
        }
    }

    @Override
    public void databaseCreated(final int tablespace, final int database) {
        putDirectory(BlockKey.space(tablespace, database), true);
    }

    @Override
    public void databaseDropped(final int tablespace, final int database) {
        final long space = BlockKey.space(tablespace, database);
        if (dropForks(space)) {
            head.pushDirectoryFloor(space, writer.lsn(), HeadState.ZEROES);
            writer.addAbsent(StateKeys.high(StateKeys.DATABASE_FLOOR, space), StateKeys.middle(space), 0);
        }
        if (head.hasDirectory(space)) {
            head.directories.remove(space);
            writer.addAbsent(StateKeys.high(StateKeys.DATABASE, space), StateKeys.middle(space), 0);
        }
        removeRelationMap(space);
        invalidPages.forgetDatabase(database);
    }

    /** Says whether there were any. */
    private boolean dropForks(final long space) {
        boolean found = false;
        for (int fork = 0; fork < forks.count(); fork++) {
            if (forks.space(fork) == space && forks.exists(fork)) {
                forks.drop(fork);
                found = true;
            }
        }
        return found;
    }

    void putDirectory(final long space, final boolean withVersion) {
        final int flags = withVersion ? StateKeys.HAS_VERSION : 0;
        head.directories.put(space, flags);
        LittleEndian.putByte(scratch, 0, flags);
        writer.add(StateKeys.high(StateKeys.DATABASE, space), StateKeys.middle(space), 0, BYTES, scratch, 0, 1);
    }

    @Override
    public void tablespaceCreated(
            final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {
        writer.add(StateKeys.TABLESPACE | Integer.toUnsignedLong(tablespace), 0, 0, BYTES, path, pathOffset, pathBytes);
    }

    @Override
    public void tablespaceDropped(final int tablespace) {
        writer.addAbsent(StateKeys.TABLESPACE | Integer.toUnsignedLong(tablespace), 0, 0);
    }

    @Override
    public void relationMapReplaced(
            final int tablespace,
            final int database,
            final MemorySegment map,
            final long mapOffset,
            final int mapBytes) {
        putRelationMap(BlockKey.space(tablespace, database), map, mapOffset, mapBytes);
    }

    void putRelationMap(final long space, final MemorySegment map, final long offset, final int length) {
        final byte[] bytes = new byte[length];
        MemorySegment.copy(map, offset, MemorySegment.ofArray(bytes), 0, length);
        head.relationMaps.put(space, bytes);
        writer.add(
                StateKeys.high(StateKeys.RELATION_MAP, space), StateKeys.middle(space), 0, BYTES, map, offset, length);
    }

    private void removeRelationMap(final long space) {
        if (head.relationMaps.remove(space) != null) {
            writer.addAbsent(StateKeys.high(StateKeys.RELATION_MAP, space), StateKeys.middle(space), 0);
        }
    }

    // SLRUs.

    @Override
    public void slruPageZeroed(final Slru slru, final int page) {
        slruBatch.zero(slru, page);
    }

    /** What is passed over reads as zeroes, also where the segment was there before and had other pages. */
    @Override
    public void slruSegmentGrown(final Slru slru, final int segment, final int pagesBefore, final int pages) {
        for (int passed = pagesBefore; passed < pages - 1; passed++) {
            slruBatch.zero(slru, segment * Slru.PAGES_PER_SEGMENT + passed);
        }
        noteSegment(slru, segment);
    }

    @Override
    public void slruSegmentRemoved(final Slru slru, final int segment) {
        noteSegment(slru, segment);
    }

    /** A segment has changed: its size is told at the record's end. */
    void noteSegment(final Slru slru, final int segment) {
        if (segmentChanged[slru.ordinal()].get(segment)) {
            return;
        }
        segmentChanged[slru.ordinal()].set(segment);
        if (changedSegmentCount == changedSegments.length) {
            changedSegments = Arrays.copyOf(changedSegments, changedSegmentCount * 2);
        }
        changedSegments[changedSegmentCount++] = StateKeys.low(slru, segment);
    }

    @Override
    public void transactionStatus(final int xid, final int status, final boolean fresh) {
        slruBatch.add(Slru.XACT, Slru.XACT.page(xid), fresh, SlruChanges.STATUS, 0, xid, status);
    }

    @Override
    public void commitTimestamp(final int xid, final long timestamp, final int origin, final boolean fresh) {
        final Slru slru = Slru.COMMIT_TS;
        slruBatch.add(slru, slru.page(xid), fresh, SlruChanges.COMMIT_TIME, origin, xid, timestamp);
    }

    @Override
    public void multiXactOffset(final int multiXact, final int memberOffset, final boolean fresh) {
        final Slru slru = Slru.MULTIXACT_OFFSETS;
        final long offset = Integer.toUnsignedLong(memberOffset);
        slruBatch.add(slru, slru.page(multiXact), fresh, SlruChanges.OFFSET, 0, multiXact, offset);
    }

    @Override
    public void multiXactMember(final int memberOffset, final int xid, final int status, final boolean fresh) {
        final Slru slru = Slru.MULTIXACT_MEMBERS;
        final long member = (long) status << Integer.SIZE | Integer.toUnsignedLong(xid);
        slruBatch.add(slru, slru.page(memberOffset), fresh, SlruChanges.MEMBER, 0, memberOffset, member);
    }

    // The rest.

    @Override
    public void transactionPrepared(
            final long fullXid, final MemorySegment state, final long stateOffset, final int stateBytes) {
        if (head.prepared.add((int) fullXid)) {
            final long low = StateKeys.ofId((int) fullXid);
            final int length = StateKeys.TWO_PHASE_CONTENT + stateBytes;
            final MemorySegment payload = memory.allocateAtLeast(length, TAG);
            try {
                LittleEndian.putLong(payload, 0, fullXid);
                MemorySegment.copy(state, stateOffset, payload, StateKeys.TWO_PHASE_CONTENT, stateBytes);
                writer.add(StateKeys.TWO_PHASE, 0, low, BYTES, payload, 0, length);
            } finally {
                memory.free(payload);
            }
        }
    }

    @Override
    public void preparedFinished(final int xid) {
        if (head.prepared.remove(xid)) {
            writer.addAbsent(StateKeys.TWO_PHASE, 0, StateKeys.ofId(xid));
        }
    }

    @Override
    public void originMoved(final int origin, final long remoteLsn) {
        LittleEndian.putLong(scratch, 0, remoteLsn);
        writer.add(StateKeys.ORIGIN, 0, StateKeys.ofId(origin), BYTES, scratch, 0, Long.BYTES);
    }

    @Override
    public void originDropped(final int origin) {
        writer.addAbsent(StateKeys.ORIGIN, 0, StateKeys.ofId(origin));
    }

    @Override
    public void controlFileChanged() {
        head.noteHints(writer.lsn());
        controlFileChanged = true;
    }

    @Override
    public void transactionEnded(final long time) {
        final long second = CommitTimes.second(time);
        if (second > head.commitSecond) {
            head.commitSecond = second;
            CommitTimes.write(scratch, time, recordLsn);
            writer.add(
                    CommitTimes.HIGH, CommitTimes.MIDDLE, CommitTimes.low(time), BYTES, scratch, 0, CommitTimes.BYTES);
        }
    }
}
