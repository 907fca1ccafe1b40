package dev.firn.postgres.file;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A checkpoint in place: CheckPoint of catalog/pg_control.h, as the control file and the WAL's checkpoint records hold it. Its size and
 * the place of its fields are the same in 15 and 17; what 17 added stands where 15 has padding. The memory is borrowed from
 * {@link #wrap} until the next one. Ids and OIDs are uint32 in an int.
 */
public final class Checkpoint {
    /** Its size: {@code sizeof(CheckPoint)}. */
    public static final int BYTES = 88;

    private static final int WAL_LEVEL_OFFSET = 20;
    private static final int REDO_OFFSET = 0;
    private static final int TIMELINE_OFFSET = 8;
    private static final int PREVIOUS_TIMELINE_OFFSET = 12;
    private static final int FULL_PAGE_WRITES_OFFSET = 16;
    private static final int NEXT_XID_OFFSET = 24;
    private static final int NEXT_OID_OFFSET = 32;
    private static final int NEXT_MULTI_OFFSET = 36;
    private static final int NEXT_MULTI_OFFSET_OFFSET = 40;
    private static final int OLDEST_XID_OFFSET = 44;
    private static final int OLDEST_XID_DATABASE_OFFSET = 48;
    private static final int OLDEST_MULTI_OFFSET = 52;
    private static final int OLDEST_MULTI_DATABASE_OFFSET = 56;
    private static final int TIME_OFFSET = 64;
    private static final int OLDEST_COMMIT_TS_XID_OFFSET = 72;
    private static final int NEWEST_COMMIT_TS_XID_OFFSET = 76;
    private static final int OLDEST_ACTIVE_XID_OFFSET = 80;

    private PostgresVersion version;
    private MemorySegment segment;
    private long base;

    /** Borrows the checkpoint at an offset of a segment. */
    public Checkpoint wrap(final PostgresVersion writtenBy, final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, BYTES, borrowed.byteSize());
        version = writtenBy;
        segment = borrowed;
        base = offset;
        return this;
    }

    /** Takes over all of another one, of the same version. */
    public void copyFrom(final Checkpoint other) {
        MemorySegment.copy(other.segment, other.base, segment, base, BYTES);
    }

    /** Whether it says which WAL level it was written at. */
    public boolean hasWalLevel() {
        return version.checkpointCarriesWalLevel();
    }

    /** The WAL level (0 minimal, 1 replica, 2 logical); only where {@link #hasWalLevel}. */
    public int walLevel() {
        requireWalLevel();
        return LittleEndian.getInt(segment, base + WAL_LEVEL_OFFSET);
    }

    /** Sets {@link #walLevel()}. */
    public void walLevel(final int walLevel) {
        requireWalLevel();
        LittleEndian.putInt(segment, base + WAL_LEVEL_OFFSET, walLevel);
    }

    private void requireWalLevel() {
        if (!hasWalLevel()) {
            throw new IllegalStateException("a checkpoint of " + version + " has no WAL level");
        }
    }

    /** Where redo begins when recovery starts from here. */
    public long redo() {
        return LittleEndian.getLong(segment, base + REDO_OFFSET);
    }

    /** Sets {@link #redo()}. */
    public void redo(final long redo) {
        LittleEndian.putLong(segment, base + REDO_OFFSET, redo);
    }

    /** The timeline. */
    public int timeline() {
        return LittleEndian.getInt(segment, base + TIMELINE_OFFSET);
    }

    /** Sets {@link #timeline()}. */
    public void timeline(final int timeline) {
        LittleEndian.putInt(segment, base + TIMELINE_OFFSET, timeline);
    }

    /** The timeline before, when this record begins a new one; else the same. */
    public int previousTimeline() {
        return LittleEndian.getInt(segment, base + PREVIOUS_TIMELINE_OFFSET);
    }

    /** Sets {@link #previousTimeline()}. */
    public void previousTimeline(final int previousTimeline) {
        LittleEndian.putInt(segment, base + PREVIOUS_TIMELINE_OFFSET, previousTimeline);
    }

    /** Whether full_page_writes is on. */
    public boolean fullPageWrites() {
        return LittleEndian.getUnsignedByte(segment, base + FULL_PAGE_WRITES_OFFSET) != 0;
    }

    /** Sets {@link #fullPageWrites()}. */
    public void fullPageWrites(final boolean fullPageWrites) {
        LittleEndian.putByte(segment, base + FULL_PAGE_WRITES_OFFSET, fullPageWrites ? 1 : 0);
    }

    /** The next transaction id, with its epoch in the upper half. */
    public long nextXid() {
        return LittleEndian.getLong(segment, base + NEXT_XID_OFFSET);
    }

    /** Sets {@link #nextXid()}. */
    public void nextXid(final long nextXid) {
        LittleEndian.putLong(segment, base + NEXT_XID_OFFSET, nextXid);
    }

    /** The next free OID. */
    public int nextOid() {
        return LittleEndian.getInt(segment, base + NEXT_OID_OFFSET);
    }

    /** Sets {@link #nextOid()}. */
    public void nextOid(final int nextOid) {
        LittleEndian.putInt(segment, base + NEXT_OID_OFFSET, nextOid);
    }

    /** The next free multixact. */
    public int nextMulti() {
        return LittleEndian.getInt(segment, base + NEXT_MULTI_OFFSET);
    }

    /** Sets {@link #nextMulti()}. */
    public void nextMulti(final int nextMulti) {
        LittleEndian.putInt(segment, base + NEXT_MULTI_OFFSET, nextMulti);
    }

    /** The next free offset among multixact members. */
    public int nextMultiOffset() {
        return LittleEndian.getInt(segment, base + NEXT_MULTI_OFFSET_OFFSET);
    }

    /** Sets {@link #nextMultiOffset()}. */
    public void nextMultiOffset(final int nextMultiOffset) {
        LittleEndian.putInt(segment, base + NEXT_MULTI_OFFSET_OFFSET, nextMultiOffset);
    }

    /** The least datfrozenxid of all databases. */
    public int oldestXid() {
        return LittleEndian.getInt(segment, base + OLDEST_XID_OFFSET);
    }

    /** Sets {@link #oldestXid()}. */
    public void oldestXid(final int oldestXid) {
        LittleEndian.putInt(segment, base + OLDEST_XID_OFFSET, oldestXid);
    }

    /** The database that has it. */
    public int oldestXidDatabase() {
        return LittleEndian.getInt(segment, base + OLDEST_XID_DATABASE_OFFSET);
    }

    /** Sets {@link #oldestXidDatabase()}. */
    public void oldestXidDatabase(final int oldestXidDatabase) {
        LittleEndian.putInt(segment, base + OLDEST_XID_DATABASE_OFFSET, oldestXidDatabase);
    }

    /** The least datminmxid of all databases. */
    public int oldestMulti() {
        return LittleEndian.getInt(segment, base + OLDEST_MULTI_OFFSET);
    }

    /** Sets {@link #oldestMulti()}. */
    public void oldestMulti(final int oldestMulti) {
        LittleEndian.putInt(segment, base + OLDEST_MULTI_OFFSET, oldestMulti);
    }

    /** The database that has it. */
    public int oldestMultiDatabase() {
        return LittleEndian.getInt(segment, base + OLDEST_MULTI_DATABASE_OFFSET);
    }

    /** Sets {@link #oldestMultiDatabase()}. */
    public void oldestMultiDatabase(final int oldestMultiDatabase) {
        LittleEndian.putInt(segment, base + OLDEST_MULTI_DATABASE_OFFSET, oldestMultiDatabase);
    }

    /** When the checkpoint was taken: seconds since 1970. */
    public long time() {
        return LittleEndian.getLong(segment, base + TIME_OFFSET);
    }

    /** Sets {@link #time()}. */
    public void time(final long time) {
        LittleEndian.putLong(segment, base + TIME_OFFSET, time);
    }

    /** The oldest transaction with a commit timestamp, or 0. */
    public int oldestCommitTsXid() {
        return LittleEndian.getInt(segment, base + OLDEST_COMMIT_TS_XID_OFFSET);
    }

    /** Sets {@link #oldestCommitTsXid()}. */
    public void oldestCommitTsXid(final int oldestCommitTsXid) {
        LittleEndian.putInt(segment, base + OLDEST_COMMIT_TS_XID_OFFSET, oldestCommitTsXid);
    }

    /** The newest transaction with a commit timestamp, or 0. */
    public int newestCommitTsXid() {
        return LittleEndian.getInt(segment, base + NEWEST_COMMIT_TS_XID_OFFSET);
    }

    /** Sets {@link #newestCommitTsXid()}. */
    public void newestCommitTsXid(final int newestCommitTsXid) {
        LittleEndian.putInt(segment, base + NEWEST_COMMIT_TS_XID_OFFSET, newestCommitTsXid);
    }

    /** The oldest running transaction; only of an online checkpoint at wal_level replica and up, else 0. */
    public int oldestActiveXid() {
        return LittleEndian.getInt(segment, base + OLDEST_ACTIVE_XID_OFFSET);
    }

    /** Sets {@link #oldestActiveXid()}. */
    public void oldestActiveXid(final int oldestActiveXid) {
        LittleEndian.putInt(segment, base + OLDEST_ACTIVE_XID_OFFSET, oldestActiveXid);
    }
}
