package dev.firn.postgres.effect;

import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;

/**
 * Takes what records do besides changing relation pages. Every method does nothing unless it is overridden: a sink names what it
 * keeps.
 *
 * <p>It is told what the record says, in the order of Postgres' own redo. What depends on more than the record is the sink's: whether a
 * file is there, whether commit timestamps are kept, what a counter was before. Each method says what Postgres does then.
 *
 * <p>Ids (xids, oids, multixacts, member offsets, block numbers) are uint32 in an int. Segments and flyweights are borrowed until the
 * method returns.
 */
public interface EffectSink {
    // Relations, databases, tablespaces.

    /** A fork comes to be, empty, unless it is there already; so does its database's directory in the tablespace. */
    default void relationCreated(final int tablespace, final int database, final int relfilenode, final int fork) {}

    /** A fork is cut to so many blocks, unless it is shorter already or isn't there. */
    default void relationTruncated(
            final int tablespace, final int database, final int relfilenode, final int fork, final int blocks) {}

    /**
     * The free space map forgets all heap blocks from this one on. Told before the map is cut; as the map is only a hint, a sink that
     * rebuilds it may do nothing. (The visibility map's last page is redo's: {@code TouchedPages.TRUNCATED_MAP}.)
     */
    default void freeSpaceForgotten(
            final int tablespace, final int database, final int relfilenode, final int heapBlock) {}

    /** A relation goes, with all its forks; those that aren't there don't matter. */
    default void relationDropped(final int tablespace, final int database, final int relfilenode) {}

    /** All files of a database's directory are copied, as they are at this LSN, to a directory that takes the place of any other. */
    default void databaseCopied(
            final int tablespace, final int database, final int sourceTablespace, final int sourceDatabase) {}

    /** A database's directory comes to be, if it isn't there, and its PG_VERSION file is written: its pages follow in the log. */
    default void databaseCreated(final int tablespace, final int database) {}

    /** A database's directory in a tablespace goes, with all that is in it. */
    default void databaseDropped(final int tablespace, final int database) {}

    /**
     * A tablespace comes to be. {@code path} is where the primary has it: the bytes of its path, without the final zero; none when
     * it lies in {@code pg_tblspc} itself.
     */
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

    /** The {@code pg_internal.init} of a database and the shared one are stale: they go. Database 0: the shared one only. */
    default void relationCacheFileStale(final int tablespace, final int database) {}

    // SLRUs. SlruRedo applies those that set entries.

    /**
     * A page becomes zeroes; the segment grows to have it. Of multixact offsets, a page that a multixact before it had to have already
     * is left as it is: {@link OffsetsPages} knows.
     */
    default void slruPageZeroed(final Slru slru, final int page) {}

    /**
     * SimpleLruTruncate: every segment goes whose pages all precede this one, in the SLRU's circular order
     * ({@code Slru.segmentPrecedes}). Of pg_xact and multixact offsets nothing goes when the newest page precedes it too: then ids
     * have wrapped around.
     */
    default void slruTruncated(final Slru slru, final int cutoffPage) {}

    /** One segment goes. */
    default void slruSegmentRemoved(final Slru slru, final int segment) {}

    /** A transaction's status in pg_xact: one of {@code TransactionStatus}. */
    default void transactionStatus(final int xid, final int status) {}

    /**
     * A transaction's commit timestamp (microseconds since 2000) and replication origin: first of the transaction, then of its
     * subtransactions. Kept only while the cluster tracks commit timestamps.
     */
    default void commitTimestamp(final int xid, final long timestamp, final int origin) {}

    /** A multixact is made: its offset, that of the next one, and its members are told next. See {@link OffsetsPages}. */
    default void multiXactCreated(final int multiXact) {}

    /** Where a multixact's members begin; also told of the next one that will be made, as the end of those before. */
    default void multiXactOffset(final int multiXact, final int memberOffset) {}

    /** A member of a multixact: its place, transaction and status (MultiXactStatus of access/multixact.h). */
    default void multiXactMember(final int memberOffset, final int xid, final int status) {}

    /** The parent of a subtransaction, as far as the log tells. Only a hot standby keeps it, and not beyond its own life. */
    default void transactionParent(final int xid, final int parent) {}

    // Two-phase state.

    /**
     * A transaction is prepared; its state is this record's main data, the content of its two-phase file without the checksum. Nothing is
     * done when the file is there already.
     */
    default void transactionPrepared(
            final int xid, final MemorySegment state, final long stateOffset, final int stateBytes) {}

    /** A prepared transaction has committed or aborted: its state goes, if it is there. */
    default void preparedFinished(final int xid) {}

    // Counters. Checkpoints move them too: see checkpoint.

    /** This transaction id has been used, and is none of the special ones: the next one follows it, in circular order. */
    default void xidUsed(final int xid) {}

    /** The next oid is this one. It may be below the last one: oids wrap around. */
    default void nextOid(final int oid) {}

    /**
     * The next multixact, and the next member, are at least these, each in plain circular order of 32 bits. Both may be 0, although neither
     * is ever given to anyone: who gives one out skips it.
     */
    default void nextMultiXact(final int multiXact, final int memberOffset) {}

    /** No transaction before this one has a status any more. It moves no counter of the control file: those of checkpoints do. */
    default void oldestXid(final int xid, final int database) {}

    /** The oldest multixact is this one, of this database. */
    default void oldestMultiXact(final int multiXact, final int database) {}

    /** No commit timestamp before this transaction's is there any more: the oldest one moves up to it, unless there is none. */
    default void oldestCommitTimestampXid(final int xid) {}

    /**
     * Which transactions ran. Postgres takes it as a hot standby only: the next transaction id becomes at least {@code nextXid}. Recovery
     * from a crash passes over it.
     */
    default void transactionsRunning(final int nextXid, final int oldestRunningXid) {}

    // The cluster.

    /**
     * A checkpoint's record, at {@code lsn}.
     *
     * <p>After a shutdown its counters are exact: next xid, oid, multixact and member, and the oldest xid with its database. An online
     * one was gathered while others went on: next xid, multixact and member are at least these, the oldest xid moves up only, and
     * the next oid says nothing. The oldest multixact moves up only, in both.
     */
    default void checkpoint(final Checkpoint checkpoint, final boolean shutdown, final long lsn) {}

    /** Recovery ended: a timeline begins. The time is in microseconds since 2000. */
    default void recoveryEnded(final int timeline, final int previousTimeline, final long time) {}

    /**
     * The settings that a standby must know; the control file keeps them. When commit timestamps are tracked from now on, the page
     * of {@code pg_commit_ts} with the next xid becomes zeroes unless it is there; when no longer, all its segments go, and oldest and newest
     * become 0.
     */
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

    /** How far a replication origin has come: its remote LSN, and the end of the record. {@code backward} when they may move back. */
    default void originAdvanced(final int origin, final long remoteLsn, final long localLsn, final boolean backward) {}

    /** A replication origin goes. */
    default void originDropped(final int origin) {}

    /** Bytes for a file of pg_logical/mappings, at an offset of it. */
    default void logicalMapping(final LogicalMapping mapping) {}
}
