package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.TransactionId;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A commit or abort record in place, of a transaction or of a prepared one: ParseCommitRecord and ParseAbortRecord of xactdesc.c, over the
 * structures of access/xact.h, which are the same in 15 and 17. A time, then those parts that its flags name, one behind the other without
 * alignment.
 *
 * <p>A flyweight: the memory is borrowed from the record. An abort may be of a subtransaction.
 */
public final class TransactionEnd {
    private static final int COMMIT = 0x00;
    private static final int ABORT = 0x20;
    private static final int COMMIT_PREPARED = 0x30;
    private static final int ABORT_PREPARED = 0x40;

    /** XLOG_XACT_OPMASK. */
    static final int OPERATION_MASK = 0x70;

    /** XLOG_XACT_HAS_INFO: flags follow the time. */
    private static final int HAS_FLAGS = 0x80;

    // XACT_XINFO_*.
    private static final int HAS_DATABASE = 1;
    private static final int HAS_SUBTRANSACTIONS = 1 << 1;
    private static final int HAS_RELATIONS = 1 << 2;
    private static final int HAS_INVALIDATIONS = 1 << 3;
    private static final int HAS_TWO_PHASE = 1 << 4;
    private static final int HAS_ORIGIN = 1 << 5;
    private static final int HAS_LOCKS = 1 << 6;
    private static final int HAS_NAME = 1 << 7;
    private static final int HAS_DROPPED_STATISTICS = 1 << 8;

    // XACT_COMPLETION_*: how to reply, whether the relation cache's files go, and whether the commit had to be
    // synchronous.
    private static final int APPLY_FEEDBACK = 1 << 29;
    private static final int RELATION_CACHE_FILE = 1 << 30;
    private static final int FORCE_SYNC = 1 << 31;

    private static final int KNOWN_FLAGS = HAS_DATABASE
            | HAS_SUBTRANSACTIONS
            | HAS_RELATIONS
            | HAS_INVALIDATIONS
            | HAS_TWO_PHASE
            | HAS_ORIGIN
            | HAS_LOCKS
            | HAS_NAME
            | HAS_DROPPED_STATISTICS
            | APPLY_FEEDBACK
            | RELATION_CACHE_FILE
            | FORCE_SYNC;

    private static final int LOCATOR_BYTES = 12;

    /** xl_xact_stats_item: kind, database, object. */
    private static final int STATISTIC_BYTES = 12;

    private final RecordData data = new RecordData();
    private boolean commit;
    private boolean prepared;
    private int flags;
    private int xid;
    private int latestXid;
    private long time;
    private int database;
    private int tablespace;
    private int subtransactionCount;
    private int subtransactionsAt;
    private int relationCount;
    private int relationsAt;
    private int statisticCount;
    private int statisticsAt;
    private int invalidationCount;
    private int nameAt;
    private int nameBytes;
    private int origin;
    private long originLsn;
    private long originTime;

    /** Whether a record is a commit or an abort. */
    public static boolean is(final WalRecord record) {
        if (record.resourceManagerId() != ResourceManager.TRANSACTION.id()) {
            return false;
        }
        final int operation = record.operation() & OPERATION_MASK;
        return operation == COMMIT || operation == ABORT || operation == COMMIT_PREPARED || operation == ABORT_PREPARED;
    }

    /**
     * Borrows a record for which {@link #is} holds.
     *
     * @throws MalformedDataException when it contradicts itself.
     */
    public TransactionEnd wrap(final WalRecord record) {
        final int operation = record.operation() & OPERATION_MASK;
        commit = operation == COMMIT || operation == COMMIT_PREPARED;
        prepared = operation == COMMIT_PREPARED || operation == ABORT_PREPARED;
        data.wrap(record.segment(), record.mainDataOffset(), record.mainDataLength());
        time = data.nextLong();
        flags = (record.operation() & HAS_FLAGS) != 0 ? data.nextInt() : 0;
        checkFlags();
        database = has(HAS_DATABASE) ? data.nextInt() : 0;
        tablespace = has(HAS_DATABASE) ? data.nextInt() : 0;
        subtransactionCount = count(HAS_SUBTRANSACTIONS, Integer.BYTES, "subtransactions");
        subtransactionsAt = skip(subtransactionCount, Integer.BYTES);
        relationCount = count(HAS_RELATIONS, LOCATOR_BYTES, "relations");
        relationsAt = skip(relationCount, LOCATOR_BYTES);
        statisticCount = count(HAS_DROPPED_STATISTICS, STATISTIC_BYTES, "statistics");
        statisticsAt = skip(statisticCount, STATISTIC_BYTES);
        invalidationCount = count(HAS_INVALIDATIONS, ReplicationEffects.INVALIDATION_BYTES, "invalidations");
        skip(invalidationCount, ReplicationEffects.INVALIDATION_BYTES);
        final int preparedXid = has(HAS_TWO_PHASE) ? data.nextInt() : 0;
        findName();
        originLsn = has(HAS_ORIGIN) ? data.nextLong() : 0;
        originTime = has(HAS_ORIGIN) ? data.nextLong() : 0;
        data.requireEnd();
        origin = record.origin();
        if (commit && origin != 0 != has(HAS_ORIGIN)) {
            throw new MalformedDataException("a commit with replication origin " + origin
                    + (has(HAS_ORIGIN) ? " says" : " does not say") + " how far that is");
        }
        xid = prepared ? preparedXid : record.xid();
        findLatestXid();
        return this;
    }

    private void checkFlags() {
        if ((flags & ~KNOWN_FLAGS) != 0
                || (!commit && has(HAS_INVALIDATIONS))
                || prepared != has(HAS_TWO_PHASE)
                || (has(HAS_NAME) && !has(HAS_TWO_PHASE))) {
            throw new MalformedDataException("flags 0x%08X don't belong to the %s of a %stransaction"
                    .formatted(flags, commit ? "commit" : "abort", prepared ? "prepared " : ""));
        }
    }

    private boolean has(final int flag) {
        return (flags & flag) != 0;
    }

    private int count(final int flag, final int entryBytes, final String what) {
        return has(flag) ? EffectDecoder.nextCount(data, entryBytes, what) : 0;
    }

    /** Says where they begin. */
    private int skip(final int count, final int entryBytes) {
        final int at = data.position();
        data.take(count * entryBytes);
        return at;
    }

    private void findName() {
        nameAt = data.position();
        nameBytes = 0;
        if (!has(HAS_NAME)) {
            return;
        }
        while (data.unsignedByte(nameAt + nameBytes) != 0) {
            nameBytes++;
        }
        if (nameBytes >= TwoPhaseFile.MAX_NAME_BYTES) {
            throw new MalformedDataException("a prepared transaction's name of " + nameBytes + " bytes");
        }
        data.take(nameBytes + 1);
    }

    /** TransactionIdLatest (transam.c). */
    private void findLatestXid() {
        requireNormal(xid);
        latestXid = xid;
        for (int i = 0; i < subtransactionCount; i++) {
            final int subtransaction = subtransaction(i);
            requireNormal(subtransaction);
            if (TransactionId.precedes(latestXid, subtransaction)) {
                latestXid = subtransaction;
            }
        }
    }

    private static void requireNormal(final int xid) {
        if (!TransactionId.isNormal(xid)) {
            throw new MalformedDataException("transaction " + xid + " can neither commit nor abort");
        }
    }

    /** Whether it committed; else it aborted. */
    public boolean committed() {
        return commit;
    }

    /** Whether it had been prepared. */
    public boolean prepared() {
        return prepared;
    }

    /** The transaction that ended. */
    public int xid() {
        return xid;
    }

    /** The latest, in circular order, of it and its subtransactions. */
    public int latestXid() {
        return latestXid;
    }

    /** When it ended: microseconds since 2000. */
    public long time() {
        return time;
    }

    /** When it committed where it comes from, or else here. */
    public long commitTime() {
        return has(HAS_ORIGIN) ? originTime : time;
    }

    /** Its database; 0 when the record doesn't say. */
    public int database() {
        return database;
    }

    /** Its database's tablespace. */
    public int tablespace() {
        return tablespace;
    }

    /** How many subtransactions ended with it. */
    public int subtransactionCount() {
        return subtransactionCount;
    }

    /** A subtransaction's id. */
    public int subtransaction(final int index) {
        Objects.checkIndex(index, subtransactionCount);
        return data.intAt(subtransactionsAt + index * Integer.BYTES);
    }

    /** How many relations go. */
    public int relationCount() {
        return relationCount;
    }

    /** A relation's tablespace. */
    public int relationTablespace(final int index) {
        return relation(index, 0);
    }

    /** A relation's database. */
    public int relationDatabase(final int index) {
        return relation(index, Integer.BYTES);
    }

    /** A relation's relfilenode. */
    public int relfilenode(final int index) {
        return relation(index, 2 * Integer.BYTES);
    }

    private int relation(final int index, final int field) {
        return data.intAt(relationsAt + Objects.checkIndex(index, relationCount) * LOCATOR_BYTES + field);
    }

    /** How many statistics go. They are never durable while Postgres runs, and it throws them away when it recovers from a crash. */
    public int statisticCount() {
        return statisticCount;
    }

    /** What kind of statistics (PgStat_Kind of pgstat.h). */
    public int statisticKind(final int index) {
        return statistic(index, 0);
    }

    /** The database of statistics, or 0. */
    public int statisticDatabase(final int index) {
        return statistic(index, Integer.BYTES);
    }

    /** What statistics are of. */
    public int statisticObject(final int index) {
        return statistic(index, 2 * Integer.BYTES);
    }

    private int statistic(final int index, final int field) {
        return data.intAt(statisticsAt + Objects.checkIndex(index, statisticCount) * STATISTIC_BYTES + field);
    }

    /** How many invalidation messages it sends. */
    public int invalidationCount() {
        return invalidationCount;
    }

    /** Whether the relation cache's files are stale by it: those of its database and the shared one. */
    public boolean relationCacheFileStale() {
        return has(RELATION_CACHE_FILE) && invalidationCount > 0;
    }

    /** The name that it was prepared under, where the record has it; allocates. */
    public String name() {
        final byte[] bytes = new byte[nameBytes];
        if (nameBytes > 0) {
            MemorySegment.copy(data.segment(), ValueLayout.JAVA_BYTE, data.at(nameAt, nameBytes), bytes, 0, nameBytes);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether it says how far its replication origin is. */
    public boolean hasOrigin() {
        return has(HAS_ORIGIN);
    }

    /** The replication origin, or 0. */
    public int origin() {
        return origin;
    }

    /** Its LSN where it comes from. */
    public long originLsn() {
        return originLsn;
    }

    /** When it committed there. */
    public long originTime() {
        return originTime;
    }
}
