package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;

/**
 * An index tuple in place: IndexTupleData of access/itup.h, which btree, hash, GIN entries and GiST share. Functions over its first byte's
 * place; the caller has made sure that {@link #HEADER_BYTES} are there.
 *
 * <p>It begins with a TID (ItemPointerData of storage/itemptr.h): a block number as two uint16, the upper one first, and an offset number.
 */
public final class IndexTuple {
    /** sizeof(IndexTupleData): the TID, and t_info. */
    public static final int HEADER_BYTES = 8;

    /** sizeof(ItemPointerData). */
    public static final int TID_BYTES = 6;

    /** INDEX_SIZE_MASK: the bits of t_info that hold the tuple's size. */
    public static final int SIZE_MASK = 0x1FFF;

    /** INDEX_AM_RESERVED_BIT: the bit of t_info that each access method has for itself. */
    public static final int ACCESS_METHOD_BIT = 0x2000;

    /** MaxIndexTuplesPerPage: each has a line pointer, and at least a byte after its header. */
    public static final int MAX_PER_PAGE = (PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES)
            / (PageLayout.align(HEADER_BYTES + 1) + PageLayout.LINE_POINTER_BYTES);

    private static final int OFFSET_NUMBER_OFFSET = 4;
    private static final int INFO_OFFSET = 6;

    private IndexTuple() {}

    /** t_info: size and flags. */
    public static int info(final MemorySegment segment, final long tuple) {
        return LittleEndian.getUnsignedShort(segment, tuple + INFO_OFFSET);
    }

    /** Sets t_info. */
    public static void info(final MemorySegment segment, final long tuple, final int info) {
        LittleEndian.putShort(segment, tuple + INFO_OFFSET, info);
    }

    /** IndexTupleSize: its bytes as it says itself, header included. */
    public static int size(final MemorySegment segment, final long tuple) {
        return info(segment, tuple) & SIZE_MASK;
    }

    /**
     * Like {@link #size}, checked: not less than its header.
     *
     * @param roomBytes what there is from its begin on; not less than a header.
     */
    public static int checkedSize(final MemorySegment segment, final long tuple, final int roomBytes) {
        if (roomBytes < HEADER_BYTES) {
            throw new MalformedDataException("an index tuple in " + roomBytes + " bytes");
        }
        final int size = size(segment, tuple);
        if (size < HEADER_BYTES || size > roomBytes) {
            throw new MalformedDataException("an index tuple says that it has " + size + " bytes; its header takes "
                    + HEADER_BYTES + ", and there are " + roomBytes);
        }
        return size;
    }

    /** The block number of its TID; what it means is the access method's. */
    public static int block(final MemorySegment segment, final long tuple) {
        return LittleEndian.getUnsignedShort(segment, tuple) << Short.SIZE
                | LittleEndian.getUnsignedShort(segment, tuple + Short.BYTES);
    }

    /** Sets the block number of its TID. */
    public static void block(final MemorySegment segment, final long tuple, final int block) {
        LittleEndian.putShort(segment, tuple, block >>> Short.SIZE);
        LittleEndian.putShort(segment, tuple + Short.BYTES, block);
    }

    /** The offset number of its TID. */
    public static int offsetNumber(final MemorySegment segment, final long tuple) {
        return LittleEndian.getUnsignedShort(segment, tuple + OFFSET_NUMBER_OFFSET);
    }

    /** Sets the offset number of its TID. */
    public static void offsetNumber(final MemorySegment segment, final long tuple, final int offsetNumber) {
        LittleEndian.putShort(segment, tuple + OFFSET_NUMBER_OFFSET, offsetNumber);
    }

    /** The six bytes of a TID, to be put elsewhere with {@link #tid(MemorySegment, long, long)}. */
    public static long tid(final MemorySegment segment, final long at) {
        return LittleEndian.getUnsignedInt(segment, at)
                | (long) LittleEndian.getUnsignedShort(segment, at + OFFSET_NUMBER_OFFSET) << Integer.SIZE;
    }

    /** Writes the six bytes of a TID. */
    public static void tid(final MemorySegment segment, final long at, final long tid) {
        LittleEndian.putInt(segment, at, (int) tid);
        LittleEndian.putShort(segment, at + OFFSET_NUMBER_OFFSET, (int) (tid >>> Integer.SIZE));
    }
}
