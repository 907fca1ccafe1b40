package dev.firn.pagestore.cluster;

import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;

/**
 * Does what a record's effects come to, after the rules of {@link RecoverySink}. The order is that of Postgres' redo. Ids are uint32 in an int;
 * segments are borrowed until the method returns.
 */
public interface RecoveryTarget {
    /** A fork comes to be, empty, unless it is there. */
    void relationCreated(int tablespace, int database, int relfilenode, int fork);

    /** A fork is cut to so many blocks, unless it is shorter or isn't there; of a main fork, the relation comes to be. */
    void relationTruncated(int tablespace, int database, int relfilenode, int fork, int blocks);

    /** The free space map goes, block by block: it is only a hint. */
    void freeSpaceForgotten(int tablespace, int database, int relfilenode);

    /** All forks go. */
    void relationDropped(int tablespace, int database, int relfilenode);

    /** A database's directory becomes a copy of another, in the place of what was there. */
    void databaseCopied(int tablespace, int database, int sourceTablespace, int sourceDatabase);

    /** A database's directory comes to be, with its PG_VERSION. */
    void databaseCreated(int tablespace, int database);

    /** A database's directory goes, with all that is in it. */
    void databaseDropped(int tablespace, int database);

    /** A tablespace comes to be; the path is empty when it lies in {@code pg_tblspc}. */
    void tablespaceCreated(int tablespace, MemorySegment path, long pathOffset, int pathBytes);

    void tablespaceDropped(int tablespace);

    /** A directory's relation map is replaced: of the shared one, that is the global tablespace's. */
    void relationMapReplaced(int tablespace, int database, MemorySegment map, long mapOffset, int mapBytes);

    /** A page of an SLRU is all zeroes. */
    void slruPageZeroed(Slru slru, int page);

    /** A segment of an SLRU grows for the change that comes next; the pages but the last are zeroes. */
    void slruSegmentGrown(Slru slru, int segment, int pagesBefore, int pages);

    /** A segment of an SLRU, which was there, goes. */
    void slruSegmentRemoved(Slru slru, int segment);

    /** On a page of pg_xact; {@code fresh}: the page was not there, and is zeroes before. So with all that follow. */
    void transactionStatus(int xid, int status, boolean fresh);

    void commitTimestamp(int xid, long timestamp, int origin, boolean fresh);

    void multiXactOffset(int multiXact, int memberOffset, boolean fresh);

    void multiXactMember(int memberOffset, int xid, int status, boolean fresh);

    /** A transaction is prepared: the content of its file without the checksum. Nothing is done when it is there already. */
    void transactionPrepared(long fullXid, MemorySegment state, long stateOffset, int stateBytes);

    /** A prepared transaction's state goes, if it is there. */
    void preparedFinished(int xid);

    /** A replication origin has come so far. */
    void originMoved(int origin, long remoteLsn);

    /** A replication origin goes, if it is there. */
    void originDropped(int origin);

    /** The control file is another: {@link ClusterProgress} has it. */
    void controlFileChanged();

    /** A transaction committed or aborted: microseconds since 2000. */
    void transactionEnded(long time);
}
