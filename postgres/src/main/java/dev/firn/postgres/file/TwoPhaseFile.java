package dev.firn.postgres.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The state of a prepared transaction in place: a file of {@code pg_twophase}, or the data of a PREPARE record, which is the same without
 * the checksum (twophase.c; xl_xact_prepare of access/xact.h; the same in 15 and 17). Header, name, then sections each aligned to eight
 * bytes: subtransactions, relations to delete at commit and at abort, statistics to drop at commit and at abort, invalidation messages,
 * and the resource managers' records. The memory is borrowed from a wrap until the next one.
 */
public final class TwoPhaseFile {
    /** The most bytes of a name with its terminator (GIDSIZE of access/xact.h). */
    public static final int MAX_NAME_BYTES = 200;

    private static final int MAGIC = 0x57F94534;
    private static final int HEADER_BYTES = 72;
    private static final int RECORD_HEADER_BYTES = 8;
    private static final int XID_BYTES = 4;
    private static final int LOCATOR_BYTES = 12;
    private static final int STATISTIC_BYTES = 12;
    private static final int INVALIDATION_BYTES = 16;

    private static final int TOTAL_OFFSET = 4;
    private static final int XID_OFFSET = 8;
    private static final int DATABASE_OFFSET = 12;
    private static final int PREPARED_AT_OFFSET = 16;
    private static final int OWNER_OFFSET = 24;
    private static final int SUBTRANSACTIONS_OFFSET = 28;
    private static final int COMMIT_RELATIONS_OFFSET = 32;
    private static final int ABORT_RELATIONS_OFFSET = 36;
    private static final int COMMIT_STATISTICS_OFFSET = 40;
    private static final int ABORT_STATISTICS_OFFSET = 44;
    private static final int INVALIDATIONS_OFFSET = 48;
    private static final int NAME_BYTES_OFFSET = 54;
    private static final int ORIGIN_LSN_OFFSET = 56;
    private static final int ORIGIN_TIME_OFFSET = 64;

    /** The directory of these files within the data directory. */
    public static final String DIRECTORY = "pg_twophase";

    private MemorySegment segment;
    private long base;
    private long recordsOffset;
    private long recordsEnd;

    /**
     * Borrows a whole file and checks it as ReadTwoPhaseFile does, and that its sections fit.
     *
     * @throws MalformedDataException when a check fails.
     */
    public TwoPhaseFile wrapFile(final MemorySegment borrowed, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, borrowed.byteSize());
        final long content = lengthBytes - Integer.BYTES;
        if (content < HEADER_BYTES + RECORD_HEADER_BYTES || content % 8 != 0) {
            throw new MalformedDataException("a two-phase state file of " + lengthBytes + " bytes");
        }
        final int crc = LittleEndian.getInt(borrowed, offset + content);
        final int computed = Crc32c.compute(borrowed, offset, content);
        if (crc != computed) {
            throw new MalformedDataException("a two-phase state file with checksum " + Integer.toHexString(crc)
                    + "; its content has " + Integer.toHexString(computed));
        }
        return wrap(borrowed, offset, content);
    }

    /**
     * Borrows the data of a PREPARE record.
     *
     * @throws MalformedDataException when its header is wrong or a section does not fit.
     */
    public TwoPhaseFile wrapRecord(final MemorySegment borrowed, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, borrowed.byteSize());
        if (lengthBytes < HEADER_BYTES + RECORD_HEADER_BYTES) {
            throw new MalformedDataException("a PREPARE record with " + lengthBytes + " bytes of data");
        }
        return wrap(borrowed, offset, lengthBytes);
    }

    private TwoPhaseFile wrap(final MemorySegment borrowed, final long offset, final long contentBytes) {
        segment = borrowed;
        base = offset;
        final int magic = LittleEndian.getInt(segment, base);
        final long total = LittleEndian.getUnsignedInt(segment, base + TOTAL_OFFSET);
        // The length counts the checksum, in the record too.
        if (magic != MAGIC || total != contentBytes + Integer.BYTES) {
            throw new MalformedDataException("two-phase state with magic " + Integer.toHexString(magic) + " and length "
                    + total + "; it takes " + Integer.toHexString(MAGIC) + " and " + (contentBytes + Integer.BYTES));
        }
        final int nameBytes = LittleEndian.getUnsignedShort(segment, base + NAME_BYTES_OFFSET);
        if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) {
            throw new MalformedDataException("two-phase state with a name of " + nameBytes + " bytes");
        }
        recordsEnd = base + contentBytes;
        recordsOffset = base + HEADER_BYTES + PageLayout.align(nameBytes);
        skip(SUBTRANSACTIONS_OFFSET, XID_BYTES);
        skip(COMMIT_RELATIONS_OFFSET, LOCATOR_BYTES);
        skip(ABORT_RELATIONS_OFFSET, LOCATOR_BYTES);
        skip(COMMIT_STATISTICS_OFFSET, STATISTIC_BYTES);
        skip(ABORT_STATISTICS_OFFSET, STATISTIC_BYTES);
        skip(INVALIDATIONS_OFFSET, INVALIDATION_BYTES);
        return this;
    }

    private void skip(final int countOffset, final int entryBytes) {
        final long count = LittleEndian.getInt(segment, base + countOffset);
        final long bytes = count * entryBytes;
        if (count < 0 || bytes > recordsEnd - recordsOffset) {
            throw new MalformedDataException("two-phase state of transaction " + Integer.toUnsignedString(xid()) + ": "
                    + count + " entries of " + entryBytes + " bytes, with " + (recordsEnd - recordsOffset) + " left");
        }
        recordsOffset += (bytes + 7) & -8;
        if (recordsOffset > recordsEnd) {
            throw new MalformedDataException(
                    "two-phase state of transaction " + Integer.toUnsignedString(xid()) + " ends within padding");
        }
    }

    /** The name of a transaction's file in {@link #DIRECTORY}; {@code xid} is the full one, with its epoch. */
    public static String fileName(final PostgresVersion version, final long xid) {
        return version.twoPhaseNameHasEpoch()
                ? "%08X%08X".formatted(xid >>> Integer.SIZE, (int) xid)
                : "%08X".formatted((int) xid);
    }

    /** The transaction; a uint32. */
    public int xid() {
        return LittleEndian.getInt(segment, base + XID_OFFSET);
    }

    /** The OID of its database. */
    public int database() {
        return LittleEndian.getInt(segment, base + DATABASE_OFFSET);
    }

    /** When it was prepared: microseconds since 2000-01-01 UTC. */
    public long preparedAt() {
        return LittleEndian.getLong(segment, base + PREPARED_AT_OFFSET);
    }

    /** The OID of the role that prepared it. */
    public int owner() {
        return LittleEndian.getInt(segment, base + OWNER_OFFSET);
    }

    /** Its name; allocates. */
    public String name() {
        final int withTerminator = LittleEndian.getUnsignedShort(segment, base + NAME_BYTES_OFFSET);
        final byte[] bytes = new byte[withTerminator - 1];
        MemorySegment.copy(segment, JAVA_BYTE, base + HEADER_BYTES, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** How many subtransactions it has. */
    public int subtransactionCount() {
        return LittleEndian.getInt(segment, base + SUBTRANSACTIONS_OFFSET);
    }

    /** A subtransaction's id. */
    public int subtransaction(final int index) {
        Objects.checkIndex(index, subtransactionCount());
        final int nameBytes = LittleEndian.getUnsignedShort(segment, base + NAME_BYTES_OFFSET);
        return LittleEndian.getInt(
                segment, base + HEADER_BYTES + PageLayout.align(nameBytes) + (long) XID_BYTES * index);
    }

    /** How many relations go when it commits. */
    public int commitRelationCount() {
        return LittleEndian.getInt(segment, base + COMMIT_RELATIONS_OFFSET);
    }

    /** How many relations go when it aborts. */
    public int abortRelationCount() {
        return LittleEndian.getInt(segment, base + ABORT_RELATIONS_OFFSET);
    }

    /** How many invalidation messages its commit sends. */
    public int invalidationCount() {
        return LittleEndian.getInt(segment, base + INVALIDATIONS_OFFSET);
    }

    /** Where it comes from by logical replication: the LSN there, or 0. */
    public long originLsn() {
        return LittleEndian.getLong(segment, base + ORIGIN_LSN_OFFSET);
    }

    /** When it was prepared there. */
    public long originTime() {
        return LittleEndian.getLong(segment, base + ORIGIN_TIME_OFFSET);
    }

    /** Where in the segment the resource managers' records begin. */
    public long recordsOffset() {
        return recordsOffset;
    }

    /** Where they end. */
    public long recordsEnd() {
        return recordsEnd;
    }
}
