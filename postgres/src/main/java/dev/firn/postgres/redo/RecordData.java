package dev.firn.postgres.redo;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A part of a WAL record, read in order or by place: its main data, or what it carries for a block. No read passes its end: data
 * that are too short for what the record says throw {@link MalformedDataException}.
 *
 * <p>A flyweight: the memory is borrowed from the record.
 */
public final class RecordData {
    // IndexTupleData of access/itup.h: the place of t_info, its bits for the size, and its own size.
    private static final int INDEX_TUPLE_INFO = 6;
    private static final int INDEX_TUPLE_SIZE_MASK = 0x1FFF;
    private static final int INDEX_TUPLE_HEADER_BYTES = 8;

    private MemorySegment segment = MemorySegment.NULL;
    private long start;
    private int length;
    private int position;

    /** Moves to a range and to its begin. */
    public RecordData wrap(final MemorySegment borrowed, final long offset, final int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, borrowed.byteSize());
        segment = borrowed;
        start = offset;
        length = lengthBytes;
        position = 0;
        return this;
    }

    /** The memory that it lies in. */
    public MemorySegment segment() {
        return segment;
    }

    /** How long it is. */
    public int length() {
        return length;
    }

    /** How many bytes were read or skipped. */
    public int position() {
        return position;
    }

    /** How many bytes are left to read. */
    public int remaining() {
        return length - position;
    }

    /** Where in {@link #segment} a place of this part is, when so many bytes of it are there from that place on. */
    public long at(final int index, final int lengthBytes) {
        if (index < 0 || lengthBytes < 0 || index > length - lengthBytes) {
            throw new MalformedDataException(
                    "the record has " + length + " bytes here, and asks for " + lengthBytes + " at " + index);
        }
        return start + index;
    }

    /** Skips bytes, and says where in {@link #segment} they begin. */
    public long take(final int lengthBytes) {
        final long at = at(position, lengthBytes);
        position += lengthBytes;
        return at;
    }

    /** Goes to a place. */
    public void position(final int index) {
        at(index, 0);
        position = index;
    }

    /** Skips to the next multiple of eight bytes, counted from the begin (MAXALIGN). */
    public void align() {
        position(PageLayout.align(position));
    }

    /** Skips to the next multiple of two bytes, counted from the begin (SHORTALIGN). */
    public void alignShort() {
        position(position + 1 & -2);
    }

    /** The next uint8. */
    public int nextUnsignedByte() {
        return LittleEndian.getUnsignedByte(segment, take(Byte.BYTES));
    }

    /** The next uint16. */
    public int nextUnsignedShort() {
        return LittleEndian.getUnsignedShort(segment, take(Short.BYTES));
    }

    /** The next int32, or the bits of a uint32. */
    public int nextInt() {
        return LittleEndian.getInt(segment, take(Integer.BYTES));
    }

    /** The next int64, or the bits of a uint64. */
    public long nextLong() {
        return LittleEndian.getLong(segment, take(Long.BYTES));
    }

    /** The next block number as BlockIdData of storage/block.h has it, in items and posting lists: two uint16, the upper one first. */
    public int nextBlockId() {
        return nextUnsignedShort() << Short.SIZE | nextUnsignedShort();
    }

    /**
     * How long the index tuple is that comes next: IndexTupleSize of access/itup.h. It has at least its header, so that a loop over tuples
     * ends, and all of it is there.
     */
    public int indexTupleBytes() {
        final int bytes = unsignedShort(position + INDEX_TUPLE_INFO) & INDEX_TUPLE_SIZE_MASK;
        if (bytes < INDEX_TUPLE_HEADER_BYTES || bytes > remaining()) {
            throw new MalformedDataException("the record has an index tuple of " + bytes + " bytes, and " + remaining()
                    + " bytes where it is to be");
        }
        return bytes;
    }

    /** The uint8 at a place. */
    public int unsignedByte(final int index) {
        return LittleEndian.getUnsignedByte(segment, at(index, Byte.BYTES));
    }

    /** The uint16 at a place. */
    public int unsignedShort(final int index) {
        return LittleEndian.getUnsignedShort(segment, at(index, Short.BYTES));
    }

    /** The int32 at a place, or the bits of a uint32. */
    public int intAt(final int index) {
        return LittleEndian.getInt(segment, at(index, Integer.BYTES));
    }

    /** The int64 at a place, or the bits of a uint64. */
    public long longAt(final int index) {
        return LittleEndian.getLong(segment, at(index, Long.BYTES));
    }

    /** Asks that nothing is left: a record that is longer than it says is one that was not understood. */
    public void requireEnd() {
        if (position != length) {
            throw new MalformedDataException(
                    "the record has " + (length - position) + " bytes more here than its kind takes");
        }
    }
}
