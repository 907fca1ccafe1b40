package dev.firn.postgres.file;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * {@code global/pg_control} in place: ControlFileData of catalog/pg_control.h, to be read and changed. Of 15 and 17 the layout is the
 * same and only the checkpoint within differs. The memory is borrowed from a wrap until the next one.
 *
 * <p>The file has {@link #FILE_BYTES}, zero after the checksum, so that reading it fails on the version and not on its length. Its
 * content fits in one disk sector ({@link #MAX_SAFE_BYTES}), and Postgres relies on a sector being written whole: it overwrites the
 * file in place, with one write of all of it, then syncs. Do the same: a rename would leave a running Postgres with the old file.
 */
public final class ControlFile {
    /** PG_CONTROL_FILE_SIZE. */
    public static final int FILE_BYTES = 8192;

    /** PG_CONTROL_MAX_SAFE_SIZE: what is taken to be written whole. */
    public static final int MAX_SAFE_BYTES = 512;

    /** The file within a data directory. */
    public static final String PATH = "global/pg_control";

    /** MOCK_AUTH_NONCE_LEN. */
    public static final int NONCE_BYTES = 32;

    private static final int CONTROL_VERSION_OFFSET = 8;
    private static final int CATALOG_VERSION_OFFSET = 12;
    private static final int STATE_OFFSET = 16;
    private static final int CHECKPOINT_COPY_OFFSET = 40;
    private static final int MAX_ALIGN_OFFSET = 204;
    private static final int FLOAT_FORMAT_OFFSET = 208;
    private static final int BLOCK_BYTES_OFFSET = 216;
    private static final int FLOAT8_BY_VALUE_OFFSET = 248;
    private static final int NONCE_OFFSET = 256;
    private static final int CRC_OFFSET = NONCE_OFFSET + NONCE_BYTES;
    private static final int CONTENT_BYTES = CRC_OFFSET + Integer.BYTES;

    private static final int MAX_ALIGN = 8;

    /** FLOATFORMAT_VALUE: a number that shows whether this machine's doubles are that machine's. */
    private static final double FLOAT_FORMAT = 1234567.0;

    private static final int SYSTEM_IDENTIFIER_OFFSET = 0;
    private static final int TIME_OFFSET = 24;
    private static final int CHECKPOINT_LSN_OFFSET = 32;
    private static final int UNLOGGED_LSN_OFFSET = 128;
    private static final int MIN_RECOVERY_POINT_OFFSET = 136;
    private static final int MIN_RECOVERY_POINT_TIMELINE_OFFSET = 144;
    private static final int BACKUP_START_POINT_OFFSET = 152;
    private static final int BACKUP_END_POINT_OFFSET = 160;
    private static final int BACKUP_END_REQUIRED_OFFSET = 168;
    private static final int WAL_LEVEL_OFFSET = 172;
    private static final int WAL_LOG_HINTS_OFFSET = 176;
    private static final int MAX_CONNECTIONS_OFFSET = 180;
    private static final int MAX_WORKER_PROCESSES_OFFSET = 184;
    private static final int MAX_WAL_SENDERS_OFFSET = 188;
    private static final int MAX_PREPARED_TRANSACTIONS_OFFSET = 192;
    private static final int MAX_LOCKS_PER_TRANSACTION_OFFSET = 196;
    private static final int TRACK_COMMIT_TIMESTAMP_OFFSET = 200;
    private static final int RELATION_SEGMENT_BLOCKS_OFFSET = 220;
    private static final int WAL_BLOCK_BYTES_OFFSET = 224;
    private static final int WAL_SEGMENT_BYTES_OFFSET = 228;
    private static final int MAX_IDENTIFIER_BYTES_OFFSET = 232;
    private static final int MAX_INDEX_COLUMNS_OFFSET = 236;
    private static final int MAX_TOAST_CHUNK_BYTES_OFFSET = 240;
    private static final int LARGE_OBJECT_CHUNK_BYTES_OFFSET = 244;
    private static final int DATA_CHECKSUM_VERSION_OFFSET = 252;

    private final Checkpoint checkpoint = new Checkpoint();
    private PostgresVersion version;
    private MemorySegment segment;
    private long base;

    /**
     * Borrows a control file that was read, and checks it: version, checksum, and that it is of a cluster that Firn can serve.
     *
     * @throws MalformedDataException when a check fails.
     */
    public ControlFile wrap(final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, CONTENT_BYTES, borrowed.byteSize());
        final int crc = LittleEndian.getInt(borrowed, offset + CRC_OFFSET);
        final int computed = Crc32c.compute(borrowed, offset, CRC_OFFSET);
        final int controlVersion = LittleEndian.getInt(borrowed, offset + CONTROL_VERSION_OFFSET);
        final int catalogVersion = LittleEndian.getInt(borrowed, offset + CATALOG_VERSION_OFFSET);
        if (crc != computed) {
            throw new MalformedDataException("the control file (version " + controlVersion + ") has checksum "
                    + Integer.toHexString(crc) + ", its content has " + Integer.toHexString(computed));
        }
        final PostgresVersion writtenBy;
        try {
            writtenBy = PostgresVersion.ofControlFile(controlVersion, catalogVersion);
        } catch (final IllegalArgumentException e) {
            throw new MalformedDataException("the control file: " + e.getMessage(), e);
        }
        borrow(writtenBy, borrowed, offset);
        checkMachine();
        return this;
    }

    /**
     * Borrows memory of {@link #FILE_BYTES} and makes it an empty control file of this version: what a build fixes is set to what every
     * stock build has, all else is zero. {@link #seal} makes it readable.
     */
    public ControlFile wrapNew(final PostgresVersion writer, final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, FILE_BYTES, borrowed.byteSize());
        borrowed.asSlice(offset, FILE_BYTES).fill((byte) 0);
        borrow(writer, borrowed, offset);
        LittleEndian.putInt(segment, base + CONTROL_VERSION_OFFSET, writer.controlVersion());
        LittleEndian.putInt(segment, base + CATALOG_VERSION_OFFSET, writer.catalogVersion());
        LittleEndian.putInt(segment, base + MAX_ALIGN_OFFSET, MAX_ALIGN);
        LittleEndian.putLong(segment, base + FLOAT_FORMAT_OFFSET, Double.doubleToRawLongBits(FLOAT_FORMAT));
        LittleEndian.putInt(segment, base + BLOCK_BYTES_OFFSET, PageLayout.PAGE_BYTES);
        LittleEndian.putByte(segment, base + FLOAT8_BY_VALUE_OFFSET, 1);
        relationSegmentBlocks(RelationPath.SEGMENT_BLOCKS);
        walBlockBytes(8192);
        walSegmentBytes(16 << 20);
        maxIdentifierBytes(64);
        maxIndexColumns(32);
        maxToastChunkBytes(1996);
        largeObjectChunkBytes(2048);
        return this;
    }

    private void borrow(final PostgresVersion writer, final MemorySegment borrowed, final long offset) {
        version = writer;
        segment = borrowed;
        base = offset;
        checkpoint.wrap(writer, borrowed, offset + CHECKPOINT_COPY_OFFSET);
    }

    private void checkMachine() {
        final int blockBytes = LittleEndian.getInt(segment, base + BLOCK_BYTES_OFFSET);
        final int maxAlign = LittleEndian.getInt(segment, base + MAX_ALIGN_OFFSET);
        final double floatFormat = Double.longBitsToDouble(LittleEndian.getLong(segment, base + FLOAT_FORMAT_OFFSET));
        if (blockBytes != PageLayout.PAGE_BYTES || maxAlign != MAX_ALIGN || floatFormat != FLOAT_FORMAT) {
            throw new MalformedDataException("the control file is of a build with blocks of " + blockBytes
                    + " bytes, alignment "
                    + maxAlign + " and float format " + floatFormat + "; Firn serves " + PageLayout.PAGE_BYTES + ", "
                    + MAX_ALIGN + " and " + FLOAT_FORMAT);
        }
    }

    /** Computes the checksum: the last thing before the file is written. */
    public void seal() {
        LittleEndian.putInt(segment, base + CRC_OFFSET, Crc32c.compute(segment, base, CRC_OFFSET));
    }

    /** The version that wrote it. */
    public PostgresVersion version() {
        return version;
    }

    /** The copy of the last checkpoint record; it follows this flyweight's wraps. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** What the cluster is doing. */
    public ClusterState state() {
        final int number = LittleEndian.getInt(segment, base + STATE_OFFSET);
        final ClusterState state = ClusterState.of(number);
        if (state == null) {
            throw new MalformedDataException("the control file has cluster state " + number);
        }
        return state;
    }

    /** Sets {@link #state()}. */
    public void state(final ClusterState state) {
        LittleEndian.putInt(segment, base + STATE_OFFSET, state.ordinal());
    }

    /** Copies the nonce that answers log-ins of roles that don't exist: {@link #NONCE_BYTES}. */
    public void copyNonceTo(final MemorySegment target, final long offset) {
        MemorySegment.copy(segment, base + NONCE_OFFSET, target, offset, NONCE_BYTES);
    }

    /** Sets that nonce. */
    public void copyNonceFrom(final MemorySegment source, final long offset) {
        MemorySegment.copy(source, offset, segment, base + NONCE_OFFSET, NONCE_BYTES);
    }

    /** The number that ties WAL and backups to this cluster. */
    public long systemIdentifier() {
        return LittleEndian.getLong(segment, base + SYSTEM_IDENTIFIER_OFFSET);
    }

    /** Sets {@link #systemIdentifier()}. */
    public void systemIdentifier(final long systemIdentifier) {
        LittleEndian.putLong(segment, base + SYSTEM_IDENTIFIER_OFFSET, systemIdentifier);
    }

    /** When the file was last written: seconds since 1970. */
    public long time() {
        return LittleEndian.getLong(segment, base + TIME_OFFSET);
    }

    /** Sets {@link #time()}. */
    public void time(final long time) {
        LittleEndian.putLong(segment, base + TIME_OFFSET, time);
    }

    /** Where the last checkpoint record is. */
    public long checkpointLsn() {
        return LittleEndian.getLong(segment, base + CHECKPOINT_LSN_OFFSET);
    }

    /** Sets {@link #checkpointLsn()}. */
    public void checkpointLsn(final long checkpointLsn) {
        LittleEndian.putLong(segment, base + CHECKPOINT_LSN_OFFSET, checkpointLsn);
    }

    /** The counter that stands for LSNs in unlogged relations. */
    public long unloggedLsn() {
        return LittleEndian.getLong(segment, base + UNLOGGED_LSN_OFFSET);
    }

    /** Sets {@link #unloggedLsn()}. */
    public void unloggedLsn(final long unloggedLsn) {
        LittleEndian.putLong(segment, base + UNLOGGED_LSN_OFFSET, unloggedLsn);
    }

    /** How far archive recovery must come before the data is consistent. */
    public long minRecoveryPoint() {
        return LittleEndian.getLong(segment, base + MIN_RECOVERY_POINT_OFFSET);
    }

    /** Sets {@link #minRecoveryPoint()}. */
    public void minRecoveryPoint(final long minRecoveryPoint) {
        LittleEndian.putLong(segment, base + MIN_RECOVERY_POINT_OFFSET, minRecoveryPoint);
    }

    /** The timeline of that. */
    public int minRecoveryPointTimeline() {
        return LittleEndian.getInt(segment, base + MIN_RECOVERY_POINT_TIMELINE_OFFSET);
    }

    /** Sets {@link #minRecoveryPointTimeline()}. */
    public void minRecoveryPointTimeline(final int minRecoveryPointTimeline) {
        LittleEndian.putInt(segment, base + MIN_RECOVERY_POINT_TIMELINE_OFFSET, minRecoveryPointTimeline);
    }

    /** The redo point of the backup that is being recovered, or 0. */
    public long backupStartPoint() {
        return LittleEndian.getLong(segment, base + BACKUP_START_POINT_OFFSET);
    }

    /** Sets {@link #backupStartPoint()}. */
    public void backupStartPoint(final long backupStartPoint) {
        LittleEndian.putLong(segment, base + BACKUP_START_POINT_OFFSET, backupStartPoint);
    }

    /** Where a backup from a standby ends, or 0. */
    public long backupEndPoint() {
        return LittleEndian.getLong(segment, base + BACKUP_END_POINT_OFFSET);
    }

    /** Sets {@link #backupEndPoint()}. */
    public void backupEndPoint(final long backupEndPoint) {
        LittleEndian.putLong(segment, base + BACKUP_END_POINT_OFFSET, backupEndPoint);
    }

    /** Whether an end-of-backup record must be seen. */
    public boolean backupEndRequired() {
        return LittleEndian.getUnsignedByte(segment, base + BACKUP_END_REQUIRED_OFFSET) != 0;
    }

    /** Sets {@link #backupEndRequired()}. */
    public void backupEndRequired(final boolean backupEndRequired) {
        LittleEndian.putByte(segment, base + BACKUP_END_REQUIRED_OFFSET, backupEndRequired ? 1 : 0);
    }

    /** wal_level: 0 minimal, 1 replica, 2 logical. */
    public int walLevel() {
        return LittleEndian.getInt(segment, base + WAL_LEVEL_OFFSET);
    }

    /** Sets {@link #walLevel()}. */
    public void walLevel(final int walLevel) {
        LittleEndian.putInt(segment, base + WAL_LEVEL_OFFSET, walLevel);
    }

    /** wal_log_hints. */
    public boolean walLogHints() {
        return LittleEndian.getUnsignedByte(segment, base + WAL_LOG_HINTS_OFFSET) != 0;
    }

    /** Sets {@link #walLogHints()}. */
    public void walLogHints(final boolean walLogHints) {
        LittleEndian.putByte(segment, base + WAL_LOG_HINTS_OFFSET, walLogHints ? 1 : 0);
    }

    /** max_connections. */
    public int maxConnections() {
        return LittleEndian.getInt(segment, base + MAX_CONNECTIONS_OFFSET);
    }

    /** Sets {@link #maxConnections()}. */
    public void maxConnections(final int maxConnections) {
        LittleEndian.putInt(segment, base + MAX_CONNECTIONS_OFFSET, maxConnections);
    }

    /** max_worker_processes. */
    public int maxWorkerProcesses() {
        return LittleEndian.getInt(segment, base + MAX_WORKER_PROCESSES_OFFSET);
    }

    /** Sets {@link #maxWorkerProcesses()}. */
    public void maxWorkerProcesses(final int maxWorkerProcesses) {
        LittleEndian.putInt(segment, base + MAX_WORKER_PROCESSES_OFFSET, maxWorkerProcesses);
    }

    /** max_wal_senders. */
    public int maxWalSenders() {
        return LittleEndian.getInt(segment, base + MAX_WAL_SENDERS_OFFSET);
    }

    /** Sets {@link #maxWalSenders()}. */
    public void maxWalSenders(final int maxWalSenders) {
        LittleEndian.putInt(segment, base + MAX_WAL_SENDERS_OFFSET, maxWalSenders);
    }

    /** max_prepared_transactions. */
    public int maxPreparedTransactions() {
        return LittleEndian.getInt(segment, base + MAX_PREPARED_TRANSACTIONS_OFFSET);
    }

    /** Sets {@link #maxPreparedTransactions()}. */
    public void maxPreparedTransactions(final int maxPreparedTransactions) {
        LittleEndian.putInt(segment, base + MAX_PREPARED_TRANSACTIONS_OFFSET, maxPreparedTransactions);
    }

    /** max_locks_per_transaction. */
    public int maxLocksPerTransaction() {
        return LittleEndian.getInt(segment, base + MAX_LOCKS_PER_TRANSACTION_OFFSET);
    }

    /** Sets {@link #maxLocksPerTransaction()}. */
    public void maxLocksPerTransaction(final int maxLocksPerTransaction) {
        LittleEndian.putInt(segment, base + MAX_LOCKS_PER_TRANSACTION_OFFSET, maxLocksPerTransaction);
    }

    /** track_commit_timestamp. */
    public boolean trackCommitTimestamp() {
        return LittleEndian.getUnsignedByte(segment, base + TRACK_COMMIT_TIMESTAMP_OFFSET) != 0;
    }

    /** Sets {@link #trackCommitTimestamp()}. */
    public void trackCommitTimestamp(final boolean trackCommitTimestamp) {
        LittleEndian.putByte(segment, base + TRACK_COMMIT_TIMESTAMP_OFFSET, trackCommitTimestamp ? 1 : 0);
    }

    /** Blocks of a relation in each of its files. */
    public int relationSegmentBlocks() {
        return LittleEndian.getInt(segment, base + RELATION_SEGMENT_BLOCKS_OFFSET);
    }

    /** Sets {@link #relationSegmentBlocks()}. */
    public void relationSegmentBlocks(final int relationSegmentBlocks) {
        LittleEndian.putInt(segment, base + RELATION_SEGMENT_BLOCKS_OFFSET, relationSegmentBlocks);
    }

    /** XLOG_BLCKSZ. */
    public int walBlockBytes() {
        return LittleEndian.getInt(segment, base + WAL_BLOCK_BYTES_OFFSET);
    }

    /** Sets {@link #walBlockBytes()}. */
    public void walBlockBytes(final int walBlockBytes) {
        LittleEndian.putInt(segment, base + WAL_BLOCK_BYTES_OFFSET, walBlockBytes);
    }

    /** The size of a WAL segment. */
    public int walSegmentBytes() {
        return LittleEndian.getInt(segment, base + WAL_SEGMENT_BYTES_OFFSET);
    }

    /** Sets {@link #walSegmentBytes()}. */
    public void walSegmentBytes(final int walSegmentBytes) {
        LittleEndian.putInt(segment, base + WAL_SEGMENT_BYTES_OFFSET, walSegmentBytes);
    }

    /** NAMEDATALEN. */
    public int maxIdentifierBytes() {
        return LittleEndian.getInt(segment, base + MAX_IDENTIFIER_BYTES_OFFSET);
    }

    /** Sets {@link #maxIdentifierBytes()}. */
    public void maxIdentifierBytes(final int maxIdentifierBytes) {
        LittleEndian.putInt(segment, base + MAX_IDENTIFIER_BYTES_OFFSET, maxIdentifierBytes);
    }

    /** INDEX_MAX_KEYS. */
    public int maxIndexColumns() {
        return LittleEndian.getInt(segment, base + MAX_INDEX_COLUMNS_OFFSET);
    }

    /** Sets {@link #maxIndexColumns()}. */
    public void maxIndexColumns(final int maxIndexColumns) {
        LittleEndian.putInt(segment, base + MAX_INDEX_COLUMNS_OFFSET, maxIndexColumns);
    }

    /** TOAST_MAX_CHUNK_SIZE. */
    public int maxToastChunkBytes() {
        return LittleEndian.getInt(segment, base + MAX_TOAST_CHUNK_BYTES_OFFSET);
    }

    /** Sets {@link #maxToastChunkBytes()}. */
    public void maxToastChunkBytes(final int maxToastChunkBytes) {
        LittleEndian.putInt(segment, base + MAX_TOAST_CHUNK_BYTES_OFFSET, maxToastChunkBytes);
    }

    /** LOBLKSIZE. */
    public int largeObjectChunkBytes() {
        return LittleEndian.getInt(segment, base + LARGE_OBJECT_CHUNK_BYTES_OFFSET);
    }

    /** Sets {@link #largeObjectChunkBytes()}. */
    public void largeObjectChunkBytes(final int largeObjectChunkBytes) {
        LittleEndian.putInt(segment, base + LARGE_OBJECT_CHUNK_BYTES_OFFSET, largeObjectChunkBytes);
    }

    /** 0 without data checksums, else 1. */
    public int dataChecksumVersion() {
        return LittleEndian.getInt(segment, base + DATA_CHECKSUM_VERSION_OFFSET);
    }

    /** Sets {@link #dataChecksumVersion()}. */
    public void dataChecksumVersion(final int dataChecksumVersion) {
        LittleEndian.putInt(segment, base + DATA_CHECKSUM_VERSION_OFFSET, dataChecksumVersion);
    }
}
