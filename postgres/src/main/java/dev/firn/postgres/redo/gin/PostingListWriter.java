package dev.firn.postgres.redo.gin;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;

/**
 * Writes a compressed posting list as ginCompressPostingList of ginpostinglist.c does: {@link PostingListReader} has the format. The bytes must
 * be Postgres' own, since a later record names segments by their number and copies them whole.
 */
final class PostingListWriter {
    private MemorySegment segment = MemorySegment.NULL;
    private long start;
    private long at;
    private long limit;
    private long previous;

    /** Begins a list, with its first item, in memory that ends at {@code limit}. */
    void begin(final MemorySegment borrowed, final long offset, final long limitOffset, final long item) {
        segment = borrowed;
        start = offset;
        at = offset + PostingListReader.HEADER_BYTES;
        limit = limitOffset;
        if (at > limit) {
            throw noRoom();
        }
        PostingListReader.putItemPointer(borrowed, offset, item);
        previous = item;
    }

    /** Adds an item behind the last. */
    void add(final long item) {
        long rest = item - previous;
        if (rest <= 0) {
            throw new MalformedDataException("the items of a posting list do not ascend");
        }
        previous = item;
        long to = at;
        if (limit - to < varbyteBytes(rest)) {
            throw noRoom();
        }
        while (rest > 0x7F) {
            LittleEndian.putByte(segment, to++, (int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        LittleEndian.putByte(segment, to++, (int) rest);
        at = to;
    }

    private static int varbyteBytes(final long value) {
        return (Long.SIZE + 6 - Long.numberOfLeadingZeros(value)) / 7;
    }

    /** Ends the list: its length, and a zero that makes it even. Gives all its bytes. */
    int finish() {
        LittleEndian.putShort(
                segment,
                start + PostingListReader.ITEM_POINTER_BYTES,
                (int) (at - start) - PostingListReader.HEADER_BYTES);
        if ((at - start & 1) != 0) {
            if (at >= limit) {
                throw noRoom();
            }
            LittleEndian.putByte(segment, at++, 0);
        }
        return (int) (at - start);
    }

    private static MalformedDataException noRoom() {
        return new MalformedDataException("the posting list does not fit the page");
    }
}
