package dev.firn.pagestore.cluster;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.effect.ClusterParameters;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.ClusterState;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.lsn.Lsn;
import java.lang.foreign.MemorySegment;

/**
 * How far the cluster has come: the control file as the log leaves it, and the counters that recovery keeps. The counters follow StartupXLOG,
 * xlog_redo and varsup.c: a checkpoint sets or raises them, and records raise them.
 */
public final class ClusterProgress implements AutoCloseable {
    /** What {@link #write} takes: the control file's fields, then three longs and ten ints. */
    public static final int BYTES = ControlFile.MAX_SAFE_BYTES + 3 * Long.BYTES + 10 * Integer.BYTES;

    private static final MemoryTag TAG = MemoryTag.of("cluster-control");

    /** FirstNormalTransactionId of access/transam.h: the first three are not given out. */
    private static final int FIRST_NORMAL_XID = 3;

    private final OffHeapMemory memory;
    private final MemorySegment bytes;
    private final ControlFile control = new ControlFile();

    private long nextXid;
    private int nextOid;
    private int nextMultiXact;
    private int nextMemberOffset;
    private int oldestXid;
    private int oldestXidDatabase;
    private int oldestMultiXact;
    private int oldestMultiXactDatabase;
    private int oldestCommitTimestampXid;
    private int newestCommitTimestampXid;

    private boolean checkpointSeen;
    private long shutdownCheckpointEnd = Lsn.INVALID;
    private long backupEndedAt = Lsn.INVALID;

    /** Nothing yet: to be begun or read. */
    public ClusterProgress(final OffHeapMemory memory) {
        this.memory = memory;
        this.bytes = memory.allocate(ControlFile.FILE_BYTES, TAG);
        bytes.fill((byte) 0);
    }

    /**
     * Begins with a base.
     *
     * @param file the control file's bytes; null when there is none.
     * @throws MalformedDataException when it is no whole control file of a supported version.
     */
    public void begin(final byte[] file) {
        if (file == null || file.length < ControlFile.MAX_SAFE_BYTES) {
            throw new MalformedDataException("there is no whole " + ControlFile.PATH);
        }
        MemorySegment.copy(MemorySegment.ofArray(file), 0, bytes, 0, Math.min(file.length, ControlFile.FILE_BYTES));
        try {
            control.wrap(bytes, 0);
        } catch (final MalformedDataException e) {
            throw new MalformedDataException(ControlFile.PATH + ": " + e.getMessage(), e);
        }
        takeCounters(control.checkpoint());
    }

    @Override
    public void close() {
        memory.free(bytes);
    }

    /** The control file as the base has it, with the changes so far; {@link #settle} makes it whole. */
    public ControlFile control() {
        return control;
    }

    /** All of the file's bytes. */
    public MemorySegment controlBytes() {
        return bytes;
    }

    public boolean hintBitsLogged() {
        return control.dataChecksumVersion() != 0 || control.walLogHints();
    }

    /** A checkpoint's record, from {@code lsn} to {@code endLsn}. */
    void checkpoint(final Checkpoint checkpoint, final boolean shutdown, final long lsn, final long endLsn) {
        checkpointSeen = true;
        control.checkpointLsn(lsn);
        control.checkpoint().copyFrom(checkpoint);
        shutdownCheckpointEnd = shutdown ? endLsn : Lsn.INVALID;
        if (shutdown) {
            takeCounters(checkpoint);
            return;
        }
        nextXid = Math.max(nextXid, checkpoint.nextXid());
        nextMultiXact(checkpoint.nextMulti(), checkpoint.nextMultiOffset());
        if (oldestXid - checkpoint.oldestXid() < 0) {
            oldestXid = checkpoint.oldestXid();
            oldestXidDatabase = checkpoint.oldestXidDatabase();
        }
        oldestMultiXact(checkpoint.oldestMulti(), checkpoint.oldestMultiDatabase());
    }

    private void takeCounters(final Checkpoint checkpoint) {
        nextXid = checkpoint.nextXid();
        nextOid = checkpoint.nextOid();
        nextMultiXact = checkpoint.nextMulti();
        nextMemberOffset = checkpoint.nextMultiOffset();
        oldestXid = checkpoint.oldestXid();
        oldestXidDatabase = checkpoint.oldestXidDatabase();
        oldestMultiXact = checkpoint.oldestMulti();
        oldestMultiXactDatabase = checkpoint.oldestMultiDatabase();
        oldestCommitTimestampXid = checkpoint.oldestCommitTsXid();
        newestCommitTimestampXid = checkpoint.newestCommitTsXid();
    }

    /** AdvanceNextFullTransactionIdPastXid of varsup.c. */
    void xidUsed(final int xid) {
        final int ahead = xid - (int) nextXid;
        if (ahead >= 0) {
            nextXid += ahead;
            do {
                nextXid++;
            } while (Integer.compareUnsigned((int) nextXid, FIRST_NORMAL_XID) < 0);
        }
    }

    void nextOid(final int oid) {
        nextOid = oid;
    }

    void nextMultiXact(final int multiXact, final int memberOffset) {
        if (nextMultiXact - multiXact < 0) {
            nextMultiXact = multiXact;
        }
        if (nextMemberOffset - memberOffset < 0) {
            nextMemberOffset = memberOffset;
        }
    }

    void oldestMultiXact(final int multiXact, final int database) {
        if (oldestMultiXact - multiXact < 0) {
            oldestMultiXact = multiXact;
            oldestMultiXactDatabase = database;
        }
    }

    void oldestCommitTimestampXid(final int xid) {
        if (oldestCommitTimestampXid != 0 && oldestCommitTimestampXid - xid < 0) {
            oldestCommitTimestampXid = xid;
        }
    }

    void newestCommitTimestampXid(final int xid) {
        if (newestCommitTimestampXid == 0 || newestCommitTimestampXid - xid < 0) {
            newestCommitTimestampXid = xid;
        }
    }

    void parametersChanged(final ClusterParameters parameters) {
        control.maxConnections(parameters.maxConnections());
        control.maxWorkerProcesses(parameters.maxWorkerProcesses());
        control.maxWalSenders(parameters.maxWalSenders());
        control.maxPreparedTransactions(parameters.maxPreparedTransactions());
        control.maxLocksPerTransaction(parameters.maxLocksPerTransaction());
        control.walLevel(parameters.walLevel());
        control.walLogHints(parameters.walLogHints());
        control.trackCommitTimestamp(parameters.trackCommitTimestamp());
    }

    /** Commit timestamps are kept from now on. */
    void startCommitTimestamps() {
        if (oldestCommitTimestampXid == 0) {
            oldestCommitTimestampXid = (int) nextXid;
            newestCommitTimestampXid = (int) nextXid;
        }
    }

    /** Commit timestamps are no longer kept. */
    void forgetCommitTimestamps() {
        oldestCommitTimestampXid = 0;
        newestCommitTimestampXid = 0;
    }

    /** CreateEndOfRecoveryRecord of xlog.c notes how far recovery must come, and on which timeline, until the next checkpoint. */
    void recoveryEnded(final int timeline, final long endLsn) {
        control.minRecoveryPoint(endLsn);
        control.minRecoveryPointTimeline(timeline);
    }

    void backupEnded(final long startLsn) {
        backupEndedAt = startLsn;
    }

    /** The redo point of the online backup whose end was seen last, or {@link Lsn#INVALID}. */
    public long endedBackup() {
        return backupEndedAt;
    }

    public long nextXid() {
        return nextXid;
    }

    /** The counters, for whoever wants to compare them with Postgres'. */
    public ClusterCounters counters() {
        return new ClusterCounters(
                nextXid,
                Integer.toUnsignedLong(nextOid),
                Integer.toUnsignedLong(nextMultiXact),
                Integer.toUnsignedLong(nextMemberOffset),
                Integer.toUnsignedLong(oldestXid),
                Integer.toUnsignedLong(oldestXidDatabase),
                Integer.toUnsignedLong(oldestMultiXact),
                Integer.toUnsignedLong(oldestMultiXactDatabase),
                Integer.toUnsignedLong(oldestCommitTimestampXid),
                Integer.toUnsignedLong(newestCommitTimestampXid));
    }

    public boolean checkpointSeen() {
        return checkpointSeen;
    }

    /** Writes all of it: {@link #read} goes on from there. */
    public void write(final MemorySegment to, final long at) {
        control.seal();
        MemorySegment.copy(bytes, 0, to, at, ControlFile.MAX_SAFE_BYTES);
        long next = at + ControlFile.MAX_SAFE_BYTES;
        LittleEndian.putLong(to, next, nextXid);
        LittleEndian.putLong(to, next + 8, shutdownCheckpointEnd);
        LittleEndian.putLong(to, next + 16, backupEndedAt);
        next += 24;
        for (final int value : new int[] {
            nextOid,
            nextMultiXact,
            nextMemberOffset,
            oldestXid,
            oldestXidDatabase,
            oldestMultiXact,
            oldestMultiXactDatabase,
            oldestCommitTimestampXid,
            newestCommitTimestampXid,
            checkpointSeen ? 1 : 0
        }) {
            LittleEndian.putInt(to, next, value);
            next += Integer.BYTES;
        }
    }

    /**
     * Takes what {@link #write} wrote.
     *
     * @throws MalformedDataException when its control file is none.
     */
    public void read(final MemorySegment from, final long at) {
        MemorySegment.copy(from, at, bytes, 0, ControlFile.MAX_SAFE_BYTES);
        control.wrap(bytes, 0);
        long next = at + ControlFile.MAX_SAFE_BYTES;
        nextXid = LittleEndian.getLong(from, next);
        shutdownCheckpointEnd = LittleEndian.getLong(from, next + 8);
        backupEndedAt = LittleEndian.getLong(from, next + 16);
        next += 24;
        nextOid = LittleEndian.getInt(from, next);
        nextMultiXact = LittleEndian.getInt(from, next + 4);
        nextMemberOffset = LittleEndian.getInt(from, next + 8);
        oldestXid = LittleEndian.getInt(from, next + 12);
        oldestXidDatabase = LittleEndian.getInt(from, next + 16);
        oldestMultiXact = LittleEndian.getInt(from, next + 20);
        oldestMultiXactDatabase = LittleEndian.getInt(from, next + 24);
        oldestCommitTimestampXid = LittleEndian.getInt(from, next + 28);
        newestCommitTimestampXid = LittleEndian.getInt(from, next + 32);
        checkpointSeen = LittleEndian.getInt(from, next + 36) != 0;
    }

    /**
     * Makes the control file one that Postgres starts from: shut down cleanly when the log ends with a shutdown checkpoint, else in production, so
     * that it recovers from the last checkpoint on.
     *
     * @param endLsn where the log ends.
     * @param timeSeconds now, since 1970.
     * @return whether it is shut down cleanly.
     */
    public boolean settle(final long endLsn, final long timeSeconds) {
        final boolean clean = shutdownCheckpointEnd == endLsn;
        control.state(clean ? ClusterState.SHUT_DOWN : ClusterState.IN_PRODUCTION);
        control.time(timeSeconds);
        control.backupStartPoint(Lsn.INVALID);
        control.backupEndPoint(Lsn.INVALID);
        control.backupEndRequired(false);
        if (clean || Long.compareUnsigned(control.minRecoveryPoint(), control.checkpointLsn()) <= 0) {
            control.minRecoveryPoint(Lsn.INVALID);
            control.minRecoveryPointTimeline(0);
        }
        control.seal();
        return clean;
    }
}
