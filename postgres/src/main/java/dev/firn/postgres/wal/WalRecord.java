package dev.firn.postgres.wal;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;

/**
 * A flyweight over one WAL record (access/xlogrecord.h): header, block references, main data.
 *
 * <p>It belongs to a {@link WalReader}, which moves it; what it says, and the memory that it points into, holds until the
 * reader is fed or moved again. Positions that it returns are offsets within {@link #segment()}. Nothing in there is aligned.
 *
 * <p>Block references have ids from 0 to {@link #maxBlockId()}, with gaps: ask {@link #hasBlock} first. An id that has no
 * block throws {@link IndexOutOfBoundsException}.
 */
public final class WalRecord {
    /** XLR_MAX_BLOCK_ID. */
    public static final int MAX_BLOCK_ID = 32;

    // XLR_BLOCK_ID_*.
    private static final int ID_DATA_SHORT = 255;
    private static final int ID_DATA_LONG = 254;
    private static final int ID_ORIGIN = 253;
    private static final int ID_TOPLEVEL_XID = 252;

    // BKPBLOCK_*.
    private static final int FORK_MASK = 0x0F;
    private static final int HAS_IMAGE = 0x10;
    private static final int HAS_DATA = 0x20;
    private static final int WILL_INIT = 0x40;
    private static final int SAME_RELATION = 0x80;

    /** XLR_SPECIAL_REL_UPDATE. */
    private static final int SPECIAL_RELATION_UPDATE = 0x01;

    /** XLR_CHECK_CONSISTENCY. */
    private static final int CHECK_CONSISTENCY = 0x02;

    /** MAX_FORKNUM of common/relpath.h: main, fsm, vm, init. */
    private static final int MAX_FORK = 3;

    private static final int BLOCK_COUNT = MAX_BLOCK_ID + 1;

    private final PostgresVersion version;
    private final ImageBits imageBits;

    private final int[] tablespaces = new int[BLOCK_COUNT];
    private final int[] databases = new int[BLOCK_COUNT];
    private final int[] relfilenodes = new int[BLOCK_COUNT];
    private final int[] blockNumbers = new int[BLOCK_COUNT];
    private final int[] blockFlags = new int[BLOCK_COUNT];
    private final int[] dataStarts = new int[BLOCK_COUNT];
    private final int[] dataLengths = new int[BLOCK_COUNT];
    private final int[] imageStarts = new int[BLOCK_COUNT];
    private final int[] imageLengths = new int[BLOCK_COUNT];
    private final int[] imageFlags = new int[BLOCK_COUNT];
    private final int[] holeStarts = new int[BLOCK_COUNT];
    private final int[] holeLengths = new int[BLOCK_COUNT];

    private MemorySegment segment = MemorySegment.NULL;
    private long start;
    private long lsn;
    private long nextLsn;
    private int lengthBytes;

    /** One bit for each block id that is there. */
    private long blocks;

    private int maxBlockId;
    private int imageBytes;
    private int origin;
    private int topLevelXid;
    private int mainDataStart;
    private int mainDataLength;

    /** While headers are decoded: where the next one is, relative to the record; and the length of the parts so far. */
    private int cursor;

    private long partsBytes;

    /** The last block that named its relation, or -1. */
    private int relationBlock;

    WalRecord(final PostgresVersion version) {
        this.version = version;
        this.imageBits = ImageBits.of(version);
    }

    /**
     * Moves to a record whose header and checksum have been verified.
     *
     * @param memory borrowed until the next call.
     * @return null, or how the record contradicts itself; nothing of it may be asked then.
     */
    RecordDefect wrap(final MemorySegment memory, final long offset, final int length, final long at, final long next) {
        segment = memory;
        start = offset;
        lengthBytes = length;
        lsn = at;
        nextLsn = next;
        blocks = 0;
        maxBlockId = -1;
        imageBytes = 0;
        origin = 0;
        topLevelXid = 0;
        mainDataLength = 0;
        cursor = WalLayout.RECORD_HEADER_BYTES;
        partsBytes = 0;
        relationBlock = -1;
        final RecordDefect defect = decodeHeaders();
        if (defect != null) {
            return defect;
        }
        if (lengthBytes - cursor != partsBytes) {
            return RecordDefect.SHORT_DATA;
        }
        placeParts();
        return null;
    }

    /** Every turn moves the cursor, and it never passes the record's end. */
    private RecordDefect decodeHeaders() {
        while (lengthBytes - cursor > partsBytes) {
            final int id = unsignedByte(cursor++);
            if (id <= MAX_BLOCK_ID) {
                final RecordDefect defect = decodeBlock(id);
                if (defect != null) {
                    return defect;
                }
                continue;
            }
            switch (id) {
                case ID_DATA_SHORT -> {
                    if (!has(Byte.BYTES)) {
                        return RecordDefect.SHORT_DATA;
                    }
                    return mainData(unsignedByte(cursor), Byte.BYTES);
                }
                case ID_DATA_LONG -> {
                    if (!has(Integer.BYTES)) {
                        return RecordDefect.SHORT_DATA;
                    }
                    return mainData(Integer.toUnsignedLong(intAt(cursor)), Integer.BYTES);
                }
                case ID_ORIGIN -> {
                    if (!has(Short.BYTES)) {
                        return RecordDefect.SHORT_DATA;
                    }
                    origin = unsignedShort(cursor);
                    cursor += Short.BYTES;
                }
                case ID_TOPLEVEL_XID -> {
                    if (!has(Integer.BYTES)) {
                        return RecordDefect.SHORT_DATA;
                    }
                    topLevelXid = intAt(cursor);
                    cursor += Integer.BYTES;
                }
                default -> {
                    return RecordDefect.INVALID_BLOCK_ID;
                }
            }
        }
        return null;
    }

    /** The main data's header is the last one. */
    private RecordDefect mainData(final long length, final int fieldBytes) {
        cursor += fieldBytes;
        partsBytes += length;
        if (partsBytes != lengthBytes - cursor) {
            return RecordDefect.SHORT_DATA;
        }
        mainDataLength = (int) length;
        return null;
    }

    private RecordDefect decodeBlock(final int id) {
        if (id <= maxBlockId) {
            return RecordDefect.BLOCK_ID_OUT_OF_ORDER;
        }
        if (!has(3)) {
            return RecordDefect.SHORT_DATA;
        }
        final int flags = unsignedByte(cursor);
        final int dataLength = unsignedShort(cursor + 1);
        cursor += 3;
        if ((flags & FORK_MASK) > MAX_FORK) {
            return RecordDefect.INVALID_FORK;
        }
        if ((flags & HAS_DATA) != 0 != (dataLength != 0)) {
            return RecordDefect.DATA_FLAG;
        }
        partsBytes += dataLength;
        if ((flags & HAS_IMAGE) != 0) {
            final RecordDefect defect = decodeImage(id);
            if (defect != null) {
                return defect;
            }
        } else {
            imageLengths[id] = 0;
            imageFlags[id] = 0;
        }
        if ((flags & SAME_RELATION) == 0) {
            if (!has(12)) {
                return RecordDefect.SHORT_DATA;
            }
            tablespaces[id] = intAt(cursor);
            databases[id] = intAt(cursor + 4);
            relfilenodes[id] = intAt(cursor + 8);
            cursor += 12;
            relationBlock = id;
        } else if (relationBlock < 0) {
            return RecordDefect.NO_RELATION_BEFORE;
        } else {
            tablespaces[id] = tablespaces[relationBlock];
            databases[id] = databases[relationBlock];
            relfilenodes[id] = relfilenodes[relationBlock];
        }
        if (!has(Integer.BYTES)) {
            return RecordDefect.SHORT_DATA;
        }
        blockNumbers[id] = intAt(cursor);
        cursor += Integer.BYTES;
        blockFlags[id] = flags;
        dataLengths[id] = dataLength;
        blocks |= 1L << id;
        maxBlockId = id;
        return null;
    }

    private RecordDefect decodeImage(final int id) {
        if (!has(5)) {
            return RecordDefect.SHORT_DATA;
        }
        final int length = unsignedShort(cursor);
        final int holeStart = unsignedShort(cursor + 2);
        final int flags = unsignedByte(cursor + 4);
        cursor += 5;
        final int compression = flags & imageBits.compressionMask();
        if ((flags & ~imageBits.allFlags()) != 0 || Integer.bitCount(compression) > 1) {
            return RecordDefect.IMAGE_FLAGS;
        }
        final boolean holed = (flags & imageBits.hole()) != 0;
        final int holeLength;
        if (compression == 0) {
            holeLength = WalLayout.BLOCK_BYTES - length;
        } else if (holed) {
            if (!has(Short.BYTES)) {
                return RecordDefect.SHORT_DATA;
            }
            holeLength = unsignedShort(cursor);
            cursor += Short.BYTES;
        } else {
            holeLength = 0;
        }
        if (length > WalLayout.BLOCK_BYTES || (compression != 0 && length == WalLayout.BLOCK_BYTES)) {
            return RecordDefect.IMAGE_LENGTH;
        }
        if (holed != (holeLength != 0) || holed != (holeStart != 0) || holeStart + holeLength > WalLayout.BLOCK_BYTES) {
            return RecordDefect.IMAGE_HOLE;
        }
        imageLengths[id] = length;
        imageFlags[id] = flags;
        holeStarts[id] = holeStart;
        holeLengths[id] = holeLength;
        imageBytes += length;
        partsBytes += length;
        return null;
    }

    /** After the headers: for each block its image and its data, then the main data. Their sum is the record's rest. */
    private void placeParts() {
        int at = cursor;
        for (long rest = blocks; rest != 0; rest &= rest - 1) {
            final int id = Long.numberOfTrailingZeros(rest);
            imageStarts[id] = at;
            at += imageLengths[id];
            dataStarts[id] = at;
            at += dataLengths[id];
        }
        mainDataStart = at;
    }

    private boolean has(final int bytes) {
        return lengthBytes - cursor >= bytes;
    }

    private int unsignedByte(final int at) {
        return Byte.toUnsignedInt(segment.get(WalLayout.BYTE, start + at));
    }

    private int unsignedShort(final int at) {
        return Short.toUnsignedInt(segment.get(WalLayout.SHORT, start + at));
    }

    private int intAt(final int at) {
        return segment.get(WalLayout.INT, start + at);
    }

    /** Whose format this is. */
    public PostgresVersion version() {
        return version;
    }

    /** Where the record starts. */
    public long lsn() {
        return lsn;
    }

    /** Where the next one starts, or the page header before it: what redo sets a page's LSN to. */
    public long nextLsn() {
        return nextLsn;
    }

    /** Where the record before starts. */
    public long prevLsn() {
        return segment.get(WalLayout.LONG, start + WalLayout.RECORD_PREV);
    }

    /** The memory that the record lies in: borrowed, see above. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment()} the record's header starts. */
    public long offset() {
        return start;
    }

    /** Header and all parts. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** The transaction, or 0. */
    public int xid() {
        return intAt(WalLayout.RECORD_XID);
    }

    /** Resource manager's bits and flags. */
    public int info() {
        return unsignedByte(WalLayout.RECORD_INFO);
    }

    /** The resource manager's bits of {@link #info()}: what kind of record this is. */
    public int operation() {
        return info() & WalLayout.OPERATION_MASK;
    }

    /** See {@link ResourceManager#ofId}; extensions have ids from 128. */
    public int resourceManagerId() {
        return unsignedByte(WalLayout.RECORD_RESOURCE_MANAGER);
    }

    /** Whether it ends its segment: the rest of that is zeroes. */
    public boolean isSwitch() {
        return resourceManagerId() == ResourceManager.XLOG.id() && operation() == WalLayout.XLOG_SWITCH;
    }

    /** CRC-32C of the record, verified. */
    public int crc() {
        return intAt(WalLayout.RECORD_CRC);
    }

    /** XLR_SPECIAL_REL_UPDATE: relation files change in ways that the block references do not tell. */
    public boolean updatesSpecialRelation() {
        return (info() & SPECIAL_RELATION_UPDATE) != 0;
    }

    /** XLR_CHECK_CONSISTENCY: the images are what the pages must be after redo. */
    public boolean checksConsistency() {
        return (info() & CHECK_CONSISTENCY) != 0;
    }

    /** The replication origin, or 0. */
    public int origin() {
        return origin;
    }

    /** The top-level transaction of the subtransaction that wrote this, or 0 where it is not told. */
    public int topLevelXid() {
        return topLevelXid;
    }

    /** Where in {@link #segment()} the main data starts. */
    public long mainDataOffset() {
        return start + mainDataStart;
    }

    public int mainDataLength() {
        return mainDataLength;
    }

    /** The highest block id, or -1. */
    public int maxBlockId() {
        return maxBlockId;
    }

    /** Whether there is a block reference with this id. */
    public boolean hasBlock(final int id) {
        return id >= 0 && id <= MAX_BLOCK_ID && (blocks >>> id & 1) != 0;
    }

    /** All images together: what {@code pg_waldump} leaves out of its "len (rec)". */
    public int imageBytes() {
        return imageBytes;
    }

    public int blockTablespace(final int id) {
        return tablespaces[checked(id)];
    }

    public int blockDatabase(final int id) {
        return databases[checked(id)];
    }

    public int blockRelfilenode(final int id) {
        return relfilenodes[checked(id)];
    }

    /** 0 main, 1 fsm, 2 vm, 3 init. */
    public int blockFork(final int id) {
        return blockFlags[checked(id)] & FORK_MASK;
    }

    /** Unsigned. */
    public int blockNumber(final int id) {
        return blockNumbers[checked(id)];
    }

    /** BKPBLOCK_WILL_INIT: redo makes the page from nothing. */
    public boolean blockWillInit(final int id) {
        return (blockFlags[checked(id)] & WILL_INIT) != 0;
    }

    /** Where in {@link #segment()} the block's data starts. */
    public long blockDataOffset(final int id) {
        return start + dataStarts[checked(id)];
    }

    /** 0 when the block has none. */
    public int blockDataLength(final int id) {
        return dataLengths[checked(id)];
    }

    public boolean hasImage(final int id) {
        return hasBlock(id) && (blockFlags[id] & HAS_IMAGE) != 0;
    }

    /** Whether redo writes the image; one without is for comparison. */
    public boolean appliesImage(final int id) {
        return (imageFlags[checked(id)] & imageBits.apply()) != 0;
    }

    public ImageCompression imageCompression(final int id) {
        final int method = imageFlags[checked(id)] & imageBits.compressionMask();
        if (method == 0) {
            return ImageCompression.NONE;
        }
        if (method == imageBits.pglz()) {
            return ImageCompression.PGLZ;
        }
        return method == imageBits.lz4() ? ImageCompression.LZ4 : ImageCompression.ZSTD;
    }

    /** Where in {@link #segment()} the image's bytes start, as they are stored. */
    public long imageOffset(final int id) {
        return start + imageStarts[checked(id)];
    }

    /** How many bytes are stored. */
    public int imageLength(final int id) {
        return imageLengths[checked(id)];
    }

    /** Where on the page the hole of zeroes starts; 0 without hole. */
    public int holeOffset(final int id) {
        return hasImage(id) ? holeStarts[id] : 0;
    }

    /** How many bytes of the page are not stored; 0 without hole. */
    public int holeLength(final int id) {
        return hasImage(id) ? holeLengths[id] : 0;
    }

    private int checked(final int id) {
        if (!hasBlock(id)) {
            throw new IndexOutOfBoundsException("the record at " + Lsn.format(lsn) + " has no block reference #" + id);
        }
        return id;
    }
}
