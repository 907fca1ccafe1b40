package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A heap tuple in place: HeapTupleHeaderData of access/htup_details.h, its null bitmap, and where its data is. The memory is borrowed
 * from {@link #wrap} until the next one.
 */
public final class HeapTupleFlyweight {
    /** SizeofHeapTupleHeader: the fixed part, before the null bitmap. */
    public static final int HEADER_BYTES = 23;

    /** SpecTokenOffsetNumber: in t_ctid, the block is a speculative insertion's token. */
    public static final int SPECULATIVE_OFFSET_NUMBER = 0xFFFE;

    /** MovedPartitionsOffsetNumber: in t_ctid with an invalid block, the row moved to another partition. */
    public static final int MOVED_PARTITIONS_OFFSET_NUMBER = 0xFFFD;

    /** FrozenTransactionId: what xmin reads as in a frozen tuple. */
    public static final int FROZEN_XID = 2;

    private static final int INVALID_BLOCK = 0xFFFF_FFFF;
    /** Where t_xmin is in a tuple. */
    public static final int XMIN_OFFSET = 0;
    /** Where t_xmax is in a tuple. */
    public static final int XMAX_OFFSET = 4;
    /** Where t_cid is in a tuple. */
    public static final int COMMAND_ID_OFFSET = 8;

    /** Where t_ctid, of six bytes, is in a tuple. */
    public static final int CTID_OFFSET = 12;
    /** Where t_infomask2, of 16 bits is in a tuple. */
    public static final int INFOMASK2_OFFSET = 18;
    /** Where t_infomask, of 16 bits is in a tuple. */
    public static final int INFOMASK_OFFSET = 20;

    /** Where t_hoff, of one byte, is in a tuple. */
    public static final int HOFF_OFFSET = 22;

    private MemorySegment segment;
    private long base;
    private int length;

    /** Borrows the tuple of a line pointer. */
    public HeapTupleFlyweight wrap(final PageFlyweight page, final int offsetNumber) {
        final int offset = page.itemOffset(offsetNumber);
        return wrap(page.segment(), page.base() + offset, page.itemLength(offsetNumber));
    }

    /**
     * Borrows a tuple of this many bytes.
     *
     * @throws MalformedDataException when its header does not fit in them.
     */
    public HeapTupleFlyweight wrap(final MemorySegment borrowed, final long offset, final int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, borrowed.byteSize());
        if (lengthBytes < HEADER_BYTES) {
            throw new MalformedDataException(
                    "a heap tuple of " + lengthBytes + " bytes: its header alone takes " + HEADER_BYTES);
        }
        segment = borrowed;
        base = offset;
        length = lengthBytes;
        final int data = dataOffset();
        final int header = HEADER_BYTES + (hasNulls() ? nullBitmapBytes() : 0);
        if (data < header || data > length || data != PageLayout.align(data)) {
            throw new MalformedDataException("a heap tuple of " + length + " bytes with " + attributeCount()
                    + " attributes says that its data begins at " + data + "; its header takes " + header);
        }
        return this;
    }

    /** Borrows a tuple whose header was checked before; its length is not known then. */
    public HeapTupleFlyweight wrapChecked(final MemorySegment borrowed, final long offset) {
        segment = borrowed;
        base = offset;
        length = 0;
        return this;
    }

    /** The memory that the tuple lies in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment} the tuple begins. */
    public long base() {
        return base;
    }

    /** The whole tuple's length. */
    public int lengthBytes() {
        return length;
    }

    /** The inserting transaction as stored; of a frozen tuple too. */
    public int rawXmin() {
        return LittleEndian.getInt(segment, base + XMIN_OFFSET);
    }

    /** The inserting transaction; {@link #FROZEN_XID} when the tuple is frozen. */
    public int xmin() {
        return isXminFrozen() ? FROZEN_XID : rawXmin();
    }

    /** Sets xmin. */
    public void xmin(final int xid) {
        LittleEndian.putInt(segment, base + XMIN_OFFSET, xid);
    }

    /** The deleting or locking transaction or multixact. */
    public int xmax() {
        return LittleEndian.getInt(segment, base + XMAX_OFFSET);
    }

    /** Sets xmax. */
    public void xmax(final int xid) {
        LittleEndian.putInt(segment, base + XMAX_OFFSET, xid);
    }

    /** t_cid: a command id or combo command id; or t_xvac of a tuple that VACUUM FULL moved before 9.0. */
    public int commandId() {
        return LittleEndian.getInt(segment, base + COMMAND_ID_OFFSET);
    }

    /** Sets t_cid. */
    public void commandId(final int commandId) {
        LittleEndian.putInt(segment, base + COMMAND_ID_OFFSET, commandId);
    }

    /** The block of t_ctid. It is stored as two halves, the upper one first (BlockIdData of storage/block.h). */
    public int ctidBlock() {
        return LittleEndian.getUnsignedShort(segment, base + CTID_OFFSET) << Short.SIZE
                | LittleEndian.getUnsignedShort(segment, base + CTID_OFFSET + Short.BYTES);
    }

    /** The offset number of t_ctid. */
    public int ctidOffsetNumber() {
        return LittleEndian.getUnsignedShort(segment, base + CTID_OFFSET + 2 * Short.BYTES);
    }

    /** Sets t_ctid. */
    public void ctid(final int block, final int offsetNumber) {
        LittleEndian.putShort(segment, base + CTID_OFFSET, block >>> Short.SIZE);
        LittleEndian.putShort(segment, base + CTID_OFFSET + Short.BYTES, block);
        LittleEndian.putShort(segment, base + CTID_OFFSET + 2 * Short.BYTES, offsetNumber);
    }

    /** Whether t_ctid is a speculative insertion's token. */
    public boolean isSpeculative() {
        return ctidOffsetNumber() == SPECULATIVE_OFFSET_NUMBER;
    }

    /** Whether t_ctid says that the row moved to another partition. */
    public boolean isMovedToOtherPartition() {
        return ctidOffsetNumber() == MOVED_PARTITIONS_OFFSET_NUMBER && ctidBlock() == INVALID_BLOCK;
    }

    /** t_infomask: see {@link HeapTupleFlags}. */
    public int infomask() {
        return LittleEndian.getUnsignedShort(segment, base + INFOMASK_OFFSET);
    }

    /** Sets t_infomask. */
    public void infomask(final int infomask) {
        LittleEndian.putShort(segment, base + INFOMASK_OFFSET, infomask);
    }

    /** t_infomask2: see {@link HeapTupleFlags}. */
    public int infomask2() {
        return LittleEndian.getUnsignedShort(segment, base + INFOMASK2_OFFSET);
    }

    /** Sets t_infomask2. */
    public void infomask2(final int infomask2) {
        LittleEndian.putShort(segment, base + INFOMASK2_OFFSET, infomask2);
    }

    /** How many attributes are stored; a later ALTER TABLE may have added more. */
    public int attributeCount() {
        return infomask2() & HeapTupleFlags.ATTRIBUTES_MASK;
    }

    /** Whether there is a null bitmap. */
    public boolean hasNulls() {
        return (infomask() & HeapTupleFlags.HAS_NULL) != 0;
    }

    /** Whether xmin is frozen. */
    public boolean isXminFrozen() {
        return (infomask() & HeapTupleFlags.XMIN_FROZEN) == HeapTupleFlags.XMIN_FROZEN;
    }

    /** HeapTupleHeaderIsHotUpdated: there is a newer version of it on its page that no index points at. */
    public boolean isHotUpdated() {
        final int infomask = infomask();
        return (infomask2() & HeapTupleFlags.HOT_UPDATED) != 0
                && (infomask & HeapTupleFlags.XMAX_INVALID) == 0
                && (infomask & HeapTupleFlags.XMIN_FROZEN) != HeapTupleFlags.XMIN_INVALID;
    }

    /** Whether no index points at it. */
    public boolean isHeapOnly() {
        return (infomask2() & HeapTupleFlags.ONLY_TUPLE) != 0;
    }

    /** t_hoff: where the data begins, from the tuple's begin. */
    public int dataOffset() {
        return LittleEndian.getUnsignedByte(segment, base + HOFF_OFFSET);
    }

    /** How much data there is. */
    public int dataBytes() {
        return length - dataOffset();
    }

    /** Whether an attribute, counted from 0, is null. An attribute that is not stored is not null here: its default counts. */
    public boolean isNull(final int attribute) {
        if (!hasNulls()) {
            return false;
        }
        Objects.checkIndex(attribute, attributeCount());
        final int bits = LittleEndian.getUnsignedByte(segment, base + HEADER_BYTES + (attribute >>> 3));
        return (bits >>> (attribute & 7) & 1) == 0;
    }

    private int nullBitmapBytes() {
        return (attributeCount() + 7) >>> 3;
    }
}
