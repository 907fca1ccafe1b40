package dev.firn.pagestore.replay;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
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
final class ClusterProgress implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("replay-control");

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

    /** The base's control file. */
    ClusterProgress(final BaseDirectory base, final OffHeapMemory memory) {
        final byte[] file = base.bytes(ControlFile.PATH);
        if (file == null || file.length < ControlFile.MAX_SAFE_BYTES) {
            throw new ReplayException("there is no whole " + ControlFile.PATH + " in " + base.root()
                    + ": the base is a data directory of Postgres, or a copy of one");
        }
        this.memory = memory;
        this.bytes = memory.allocate(ControlFile.FILE_BYTES, TAG);
        bytes.fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(file), 0, bytes, 0, Math.min(file.length, ControlFile.FILE_BYTES));
        try {
            control.wrap(bytes, 0);
        } catch (final MalformedDataException e) {
            memory.free(bytes);
            throw new ReplayException(base.root().resolve(ControlFile.PATH) + ": " + e.getMessage(), e);
        }
        takeCounters(control.checkpoint());
    }

    @Override
    public void close() {
        memory.free(bytes);
    }

    /** The control file as the base has it, with the changes so far; {@link #settle} makes it whole. */
    ControlFile control() {
        return control;
    }

    /** All of the file's bytes. */
    MemorySegment controlBytes() {
        return bytes;
    }

    boolean hintBitsLogged() {
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
    long endedBackup() {
        return backupEndedAt;
    }

    long nextXid() {
        return nextXid;
    }

    /** The counters, for whoever wants to compare them with Postgres'. */
    ClusterCounters counters() {
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

    boolean checkpointSeen() {
        return checkpointSeen;
    }

    /**
     * Makes the control file one that Postgres starts from: shut down cleanly when the log ends with a shutdown checkpoint, else in production, so
     * that it recovers from the last checkpoint on.
     *
     * @param endLsn where the log ends.
     * @param timeSeconds now, since 1970.
     * @return whether it is shut down cleanly.
     */
    boolean settle(final long endLsn, final long timeSeconds) {
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
