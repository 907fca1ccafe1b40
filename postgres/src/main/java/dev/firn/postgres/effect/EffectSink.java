package dev.firn.postgres.effect;

import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;

/**
 * Takes what records do besides changing relation pages. Every method does nothing unless it is overridden: a sink names what it
 * keeps.
 *
 * <p>Ids (xids, oids, multixacts, member offsets, block numbers) are uint32 in an int. Segments and flyweights are borrowed until the
 * method returns.
 */
public interface EffectSink {
    // Relations, databases, tablespaces.

    /** A fork comes to be, empty, unless it is there already. */
    default void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {}

    /** A fork is cut to so many blocks, unless it is shorter already or isn't there. Its main fork comes to be if it isn't there. */
    default void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {}

    /** A relation goes, with all its forks. */
    default void relationDropped(final int tablespace, final int database, final int relfilenode) {}

    /** All files of a database's directory are copied, as they are at this LSN. */
    default void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {}

    /** A database's directory comes to be, with a PG_VERSION file only: its pages follow in the log. */
    default void databaseCreated(final int tablespace, final int database) {}

    /** A database's directory in a tablespace goes, with all that is in it. */
    default void databaseDropped(final int tablespace, final int database) {}

    /** A tablespace comes to be. {@code path} is where the primary has it: the bytes of its path, without the final zero. */
    default void tablespaceCreated(
            final int tablespace, final MemorySegment path, final long pathOffset, final int pathBytes) {}

    /** A tablespace goes. */
    default void tablespaceDropped(final int tablespace) {}

    /** A database's relation map (of database 0: the shared one) is replaced by these bytes: the whole file. */
    default void relationMapReplaced(
            final int tablespace,
            final int database,
            final MemorySegment map,
            final long mapOffset,
            final int mapBytes) {}

    // SLRUs. SlruRedo applies those that set entries.

    /** A page becomes zeroes; the segment grows to have it. */
    default void slruPageZeroed(final Slru slru, final int page) {}

    /** SimpleLruTruncate: every segment goes whose pages all precede this one, in the SLRU's circular order. */
    default void slruTruncated(final Slru slru, final int cutoffPage) {}

    /** One segment goes. */
    default void slruSegmentRemoved(final Slru slru, final int segment) {}

    /** A transaction's status in pg_xact: one of {@code TransactionStatus}. */
    default void transactionStatus(final int xid, final int status) {}

    /** A transaction's commit timestamp (microseconds since 2000) and replication origin. */
    default void commitTimestamp(final int xid, final long timestamp, final int origin) {}

    /** Where a multixact's members begin. */
    default void multiXactOffset(final int multiXact, final int memberOffset) {}

    /** A member of a multixact: its place, transaction and status (MultiXactStatus of access/multixact.h). */
    default void multiXactMember(final int memberOffset, final int xid, final int status) {}

    /** The parent of a subtransaction, as far as the log tells. */
    default void transactionParent(final int xid, final int parent) {}

    // Two-phase state.

    /** A transaction is prepared; its state is this record's main data, the content of its two-phase file. */
    default void transactionPrepared(
            final int xid, final MemorySegment state, final long stateOffset, final int stateBytes) {}

    /** A prepared transaction has committed or aborted: its state goes. */
    default void preparedFinished(final int xid) {}

    // Counters: each is the least that the next one must be.

    /** This transaction id has been used. */
    default void xidUsed(final int xid) {}

    /** The next oid is at least this. */
    default void nextOid(final int oid) {}

    /** The next multixact, and the next member, are at least these. */
    default void nextMultiXact(final int multiXact, final int memberOffset) {}

    /** No transaction before this one has a status any more. */
    default void oldestXid(final int xid, final int database) {}

    /** No multixact before this one is there any more. */
    default void oldestMultiXact(final int multiXact, final int database) {}

    /** No commit timestamp before this transaction's is there any more. */
    default void oldestCommitTimestampXid(final int xid) {}

    // The cluster.

    /** A checkpoint's record, at {@code lsn}. */
    default void checkpoint(final Checkpoint checkpoint, final boolean shutdown, final long lsn) {}

    /** Recovery ended: a timeline begins. */
    default void recoveryEnded(final int timeline, final int previousTimeline, final long time) {}

    /** The settings that a standby must know. */
    default void parametersChanged(final ClusterParameters parameters) {}

    /** {@code full_page_writes} is now this. */
    default void fullPageWritesChanged(final boolean on) {}

    /** A base backup that started at this LSN is complete. */
    default void backupEnded(final long startLsn) {}

    /** A named restore point; the name's bytes without the final zero. */
    default void restorePoint(
            final long timestamp, final MemorySegment name, final long nameOffset, final int nameBytes) {}

    /** A transaction committed at this time (microseconds since 2000): what point-in-time restores go by. */
    default void committed(final int xid, final long timestamp) {}

    /** A transaction aborted at this time. */
    default void aborted(final int xid, final long timestamp) {}

    // Replication.

    /** How far a replication origin has come: its remote LSN. {@code backward} when it may move back. */
    default void originAdvanced(final int origin, final long remoteLsn, final long localLsn, final boolean backward) {}

    /** A replication origin goes. */
    default void originDropped(final int origin) {}

    /** Bytes for a file of pg_logical/mappings, at an offset of it. */
    default void logicalMapping(final LogicalMapping mapping) {}
}
