package dev.firn.pagestore.ingest;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.pagestore.cluster.RecoverySink;
import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.pagestore.cluster.SlruSegments;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.IntHashSet;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * What a timeline is at its applied LSN, as far as ingest and reads have to know it without reading: sizes, floors, SLRU segments, databases and
 * their relation maps, prepared transactions, origins, and the cluster. What it was at an older LSN, but for floors, is in the entries.
 *
 * <p>It is told by {@link BaseImport}, or {@linkplain #load loaded} from entries; then ingest moves it on. Its size goes with the number of relations
 * and of truncations. The thread of the shard owns it; questions make no object.
 */
public final class HeadState implements AutoCloseable {
    /** There is no such fork. */
    public static final int ABSENT = -1;

    /** No floor: what is older counts. */
    public static final long NO_FLOOR = 0;

    /** Behind the floor there are zeroes. */
    public static final long ZEROES = -1;

    private static final MemoryTag TAG = MemoryTag.of("head-state");

    /** A directory that is there, and has no PG_VERSION. */
    private static final long NO_VERSION = 0;

    private static final long NO_DIRECTORY = -1;

    final ForkTable forks = new ForkTable();
    final Floors floors = new Floors();
    final SlruSegments slrus = new SlruSegments();
    final ReplicationOrigins origins = new ReplicationOrigins();
    final ClusterProgress progress;

    /** By packed space: whether there is a PG_VERSION. */
    final Long2LongHashMap directories = new Long2LongHashMap(NO_DIRECTORY);

    final Map<Long, byte[]> relationMaps = new HashMap<>();
    final IntHashSet prepared = new IntHashSet();

    /** The latest second of which {@link CommitTimes} has an entry. */
    long commitSecond = -1;

    /** What the sink knows besides: written when ingest begins and at each seal. */
    final MemorySegment sinkState;

    private final PostgresVersion version;
    private final OffHeapMemory memory;

    private HintHistory hints = HintHistory.NONE;
    private boolean loaded;

    /** Nothing at all; {@link BaseImport} or {@link #load} tells what there is. */
    public HeadState(final PostgresVersion version, final OffHeapMemory memory) {
        this.version = version;
        this.memory = memory;
        this.progress = new ClusterProgress(memory);
        this.sinkState = memory.allocate(RecoverySink.BYTES, TAG);
    }

    @Override
    public void close() {
        memory.free(sinkState);
        progress.close();
    }

    public PostgresVersion version() {
        return version;
    }

    /** Whether it is a whole state. */
    public boolean isLoaded() {
        return loaded;
    }

    /** How many blocks a fork has now, unsigned, or {@link #ABSENT}. */
    public int blocks(final int tablespace, final int database, final int relfilenode, final int fork) {
        final int found = forks.find(BlockKey.space(tablespace, database), BlockKey.relation(relfilenode, fork));
        return found == ForkTable.NONE || !forks.exists(found) ? ABSENT : forks.blocks(found);
    }

    /**
     * The newest floor under a relation's page at or below an LSN: entries at or below it don't count. {@link #NO_FLOOR} when there is none, and
     * always for what is no page of a relation.
     */
    public long floorLsn(final long high, final long middle, final long low, final long atLsn) {
        if (PageKeys.keyClass(high) != KeyClass.PAGE) {
            return NO_FLOOR;
        }
        final long space = BlockKey.space(PageKeys.tablespace(high), PageKeys.database(middle));
        final int fork = forks.find(space, BlockKey.relation(PageKeys.relfilenode(middle), PageKeys.fork(low)));
        final long ofFork = fork == ForkTable.NONE ? NO_FLOOR : forkFloor(fork, PageKeys.block(low), atLsn);
        final int directory = directoryFloor(space, atLsn);
        return directory == Floors.NONE ? ofFork : Math.max(ofFork, floors.lsn(directory));
    }

    private long forkFloor(final int fork, final int block, final long atLsn) {
        int floor = forks.floors(fork);
        while (floor != Floors.NONE
                && (floors.lsn(floor) > atLsn || Integer.compareUnsigned((int) floors.value(floor), block) > 0)) {
            floor = floors.older(floor);
        }
        return floor == Floors.NONE ? NO_FLOOR : floors.lsn(floor);
    }

    private int directoryFloor(final long space, final long atLsn) {
        final int directory = forks.findDirectory(space);
        int floor = directory == ForkTable.NONE ? Floors.NONE : forks.floors(directory);
        while (floor != Floors.NONE && floors.lsn(floor) > atLsn) {
            floor = floors.older(floor);
        }
        return floor;
    }

    /**
     * What is behind the floor that {@link #floorLsn} found: {@link #ZEROES}, or tablespace and database ({@link BlockKey#space}) whose page of the
     * same relation, fork and block at the floor's LSN it is.
     */
    public long floorSource(final long high, final long middle, final long low, final long floorLsn) {
        final long space = BlockKey.space(PageKeys.tablespace(high), PageKeys.database(middle));
        final int floor = directoryFloor(space, floorLsn);
        return floor == Floors.NONE || floors.lsn(floor) != floorLsn ? ZEROES : floors.value(floor);
    }

    /** The LSNs at which databases were copied: they must stay readable as long as the copies are. */
    public long[] copyLsns() {
        final LongHashSet found = new LongHashSet();
        for (int fork = 0; fork < forks.count(); fork++) {
            if (forks.findDirectory(forks.space(fork)) == fork) {
                for (int floor = forks.floors(fork); floor != Floors.NONE; floor = floors.older(floor)) {
                    if (floors.value(floor) != ZEROES) {
                        found.add(floors.lsn(floor));
                    }
                }
            }
        }
        final long[] lsns = new long[found.size()];
        int count = 0;
        for (final LongHashSet.LongIterator each = found.iterator(); each.hasNext(); ) {
            lsns[count++] = each.nextValue();
        }
        Arrays.sort(lsns);
        return lsns;
    }

    /** What {@code Redo.hintBitsLogged} must be told for records. */
    public HintHistory hints() {
        return hints;
    }

    /** Whether the cluster's pages have checksums: what a page of the base is checked by. */
    public boolean dataChecksums() {
        return progress.control().dataChecksumVersion() != 0;
    }

    /** How far the cluster has come; borrowed. */
    public ClusterProgress progress() {
        return progress;
    }

    /** How many forks are known, those that are gone included, and databases. */
    public int forkCount() {
        return forks.count();
    }

    /** How many truncations, drops and copies are known. */
    public int floorCount() {
        return floors.count();
    }

    /**
     * Takes one of a timeline's entries, for a state that others have ingested before. All of the classes from {@code DATABASE_FLOOR} on must come,
     * by key and LSN, up to the LSN of the state, and nothing of those above it; others are passed over.
     *
     * @throws IngestException when an entry makes no sense.
     */
    public void load(
            final long high,
            final long middle,
            final long low,
            final long lsn,
            final int kindByte,
            final MemorySegment payload,
            final long offset,
            final int length) {
        final KeyClass keyClass = PageKeys.keyClass(high);
        final int kind = EntryKind.kind(kindByte);
        final int wanted = keyClass == null ? ABSENT : payloadBytes(keyClass, kind, length);
        if (wanted != length) {
            throw new IngestException("an entry of " + PageKeys.describe(high, middle, low) + " is of kind " + kind
                    + " with " + length + " bytes, which makes no sense");
        }
        final long space = BlockKey.space(PageKeys.tablespace(high), PageKeys.database(middle));
        switch (keyClass) {
            case DATABASE_FLOOR ->
                pushDirectoryFloor(
                        space, lsn, kind == EntryKind.ABSENT ? ZEROES : LittleEndian.getLong(payload, offset));
            case RELATION_FLOOR -> pushFloor(forkOf(space, middle, low), lsn, LittleEndian.getInt(payload, offset));
            case SIZE -> {
                if (kind == EntryKind.ABSENT) {
                    forks.putAbsent(forkOf(space, middle, low));
                } else {
                    forks.put(forkOf(space, middle, low), LittleEndian.getInt(payload, offset));
                }
            }
            case DATABASE -> {
                if (kind == EntryKind.ABSENT) {
                    directories.remove(space);
                } else {
                    directories.put(space, LittleEndian.getUnsignedByte(payload, offset));
                }
            }
            case RELATION_MAP -> {
                if (kind == EntryKind.ABSENT) {
                    relationMaps.remove(space);
                } else {
                    relationMaps.put(space, payload.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
                }
            }
            case SLRU_SEGMENT -> loadSegment(low, kind == EntryKind.ABSENT ? 0 : LittleEndian.getInt(payload, offset));
            case TWO_PHASE -> {
                if (kind == EntryKind.ABSENT) {
                    prepared.remove(PageKeys.block(low));
                } else {
                    prepared.add(PageKeys.block(low));
                }
            }
            case ORIGIN -> {
                if (kind == EntryKind.ABSENT) {
                    origins.drop(PageKeys.block(low));
                } else {
                    origins.advance(PageKeys.block(low), LittleEndian.getLong(payload, offset), true);
                }
            }
            case CLUSTER -> loadCluster(lsn, payload, offset);
            default -> {
                // Pages, and what nobody needs before it is asked for.
            }
        }
    }

    /** How long the payload of such an entry is; -1 when there is none. */
    private static int payloadBytes(final KeyClass keyClass, final int kind, final int length) {
        if (kind == EntryKind.ABSENT) {
            return keyClass == KeyClass.RELATION_FLOOR || keyClass == KeyClass.CLUSTER ? ABSENT : 0;
        }
        return switch (keyClass) {
            case RELATION_FLOOR, SIZE, SLRU_SEGMENT -> kind == EntryKind.SIZE ? Integer.BYTES : ABSENT;
            case DATABASE_FLOOR, ORIGIN -> kind == EntryKind.BYTES ? Long.BYTES : ABSENT;
            case DATABASE -> kind == EntryKind.BYTES ? 1 : ABSENT;
            case CLUSTER -> kind == EntryKind.BYTES ? ClusterEntry.BYTES : ABSENT;
            default -> length;
        };
    }

    private int forkOf(final long space, final long middle, final long low) {
        return forks.findOrAdd(space, BlockKey.relation(PageKeys.relfilenode(middle), PageKeys.fork(low)));
    }

    private void loadSegment(final long low, final int pages) {
        final int number = PageKeys.fork(low);
        final int segment = PageKeys.block(low);
        if (number < 0 || number >= Slru.values().length || pages < 0 || pages > Slru.PAGES_PER_SEGMENT) {
            throw new IngestException("an entry of a segment of SLRU " + number + " with " + pages + " pages");
        }
        final Slru slru = Slru.values()[number];
        if (!SlruSegments.isSegment(slru, segment)) {
            throw new IngestException(slru.directory() + " has no segment " + segment);
        }
        if (pages == 0) {
            slrus.remove(slru, segment);
        } else {
            slrus.put(slru, segment, pages);
        }
    }

    private void loadCluster(final long lsn, final MemorySegment payload, final long offset) {
        try {
            progress.read(payload, offset);
        } catch (final MalformedDataException e) {
            throw new IngestException("the cluster's entry: " + e.getMessage(), e);
        }
        MemorySegment.copy(payload, offset + ClusterEntry.SINK, sinkState, 0, RecoverySink.BYTES);
        commitSecond = LittleEndian.getLong(payload, offset + ClusterEntry.COMMIT_SECOND);
        noteHints(lsn);
        loaded = true;
    }

    /**
     * All has been loaded.
     *
     * @throws IngestException when the entries were no whole state.
     */
    public void loaded() {
        if (!loaded) {
            throw new IngestException("the entries have no state of a cluster");
        }
    }

    /** A base was imported. */
    void begun(final long lsn) {
        loaded = true;
        noteHints(lsn);
    }

    /** The control file is this from an LSN on. */
    void noteHints(final long lsn) {
        hints = hints.with(lsn, progress.hintBitsLogged());
    }

    void pushFloor(final int fork, final long lsn, final int blocks) {
        forks.floors(fork, floors.push(forks.floors(fork), lsn, blocks));
    }

    void pushDirectoryFloor(final long space, final long lsn, final long source) {
        final int directory = forks.findOrAddDirectory(space);
        forks.floors(directory, floors.push(forks.floors(directory), lsn, source));
    }

    boolean hasDirectory(final long space) {
        return directories.get(space) != NO_DIRECTORY;
    }

    boolean hasVersion(final long space) {
        final long found = directories.get(space);
        return found != NO_DIRECTORY && found != NO_VERSION;
    }

    /** Writes the payload of the cluster's entry. */
    void writeCluster(final MemorySegment to) {
        progress.write(to, 0);
        MemorySegment.copy(sinkState, 0, to, ClusterEntry.SINK, RecoverySink.BYTES);
        LittleEndian.putLong(to, ClusterEntry.COMMIT_SECOND, commitSecond);
    }
}
