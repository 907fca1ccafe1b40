package dev.firn.postgres.file;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * {@code pg_filenode.map} in place, to be read and changed: which file each catalog is in that can't be looked up in a catalog (RelMapFile
 * of utils/cache/relmapper.c). There is one in {@code global} and one in each database. A RelMap record carries all of it. The memory is
 * borrowed from a wrap until the next one.
 *
 * <p>It fits in a sector; 15 overwrites it in place, 17 writes {@code pg_filenode.map.tmp} and renames it. The rename serves both.
 */
public final class RelationMap {
    /** Its name, in {@code global} and in each database's directory. */
    public static final String FILE_NAME = "pg_filenode.map";

    private static final int MAGIC = 0x592717;
    private static final int COUNT_OFFSET = 4;
    private static final int MAPPINGS_OFFSET = 8;
    private static final int MAPPING_BYTES = 8;

    private PostgresVersion version;
    private MemorySegment segment;
    private long base;

    /**
     * Borrows a map that was read, and checks it.
     *
     * @throws MalformedDataException when magic, count or checksum is wrong.
     */
    public RelationMap wrap(final PostgresVersion writtenBy, final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, writtenBy.relationMapBytes(), borrowed.byteSize());
        version = writtenBy;
        segment = borrowed;
        base = offset;
        final int magic = LittleEndian.getInt(segment, base);
        final int count = LittleEndian.getInt(segment, base + COUNT_OFFSET);
        if (magic != MAGIC || count < 0 || count > writtenBy.relationMapEntries()) {
            throw new MalformedDataException(
                    "a relation map of " + writtenBy + " with magic " + Integer.toHexString(magic)
                            + " and " + count + " mappings; it takes " + Integer.toHexString(MAGIC) + " and at most "
                            + writtenBy.relationMapEntries());
        }
        final int crc = LittleEndian.getInt(segment, base + crcOffset());
        final int computed = Crc32c.compute(segment, base, crcOffset());
        if (crc != computed) {
            throw new MalformedDataException("a relation map with checksum " + Integer.toHexString(crc)
                    + "; its content has " + Integer.toHexString(computed));
        }
        return this;
    }

    /** Borrows memory and makes it an empty map. {@link #seal} makes it readable. */
    public RelationMap wrapNew(final PostgresVersion writer, final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, writer.relationMapBytes(), borrowed.byteSize());
        version = writer;
        segment = borrowed;
        base = offset;
        segment.asSlice(base, writer.relationMapBytes()).fill((byte) 0);
        LittleEndian.putInt(segment, base, MAGIC);
        return this;
    }

    /** Computes the checksum: the last thing before the file is written. */
    public void seal() {
        LittleEndian.putInt(segment, base + crcOffset(), Crc32c.compute(segment, base, crcOffset()));
    }

    /** How many mappings there are. */
    public int count() {
        return LittleEndian.getInt(segment, base + COUNT_OFFSET);
    }

    /** The OID of a mapping's catalog. */
    public int relationOid(final int index) {
        return LittleEndian.getInt(segment, mapping(index));
    }

    /** The relfilenode of a mapping. */
    public int relfilenode(final int index) {
        return LittleEndian.getInt(segment, mapping(index) + Integer.BYTES);
    }

    /** The relfilenode of a catalog, or 0. */
    public int find(final int relationOid) {
        for (int index = 0; index < count(); index++) {
            if (relationOid(index) == relationOid) {
                return relfilenode(index);
            }
        }
        return 0;
    }

    /** Maps a catalog to a file, anew or in place of the one that it had. */
    public void put(final int relationOid, final int relfilenode) {
        int index = 0;
        while (index < count() && relationOid(index) != relationOid) {
            index++;
        }
        if (index == version.relationMapEntries()) {
            throw new IllegalStateException("a relation map of " + version + " holds " + index + " mappings");
        }
        if (index == count()) {
            LittleEndian.putInt(segment, base + COUNT_OFFSET, index + 1);
            LittleEndian.putInt(segment, mapping(index), relationOid);
        }
        LittleEndian.putInt(segment, mapping(index) + Integer.BYTES, relfilenode);
    }

    private long mapping(final int index) {
        return base + MAPPINGS_OFFSET + (long) MAPPING_BYTES * Objects.checkIndex(index, count());
    }

    private int crcOffset() {
        return MAPPINGS_OFFSET + MAPPING_BYTES * version.relationMapEntries();
    }
}
