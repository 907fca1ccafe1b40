package dev.firn.postgres.redo.gin;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;

/**
 * Reads a compressed posting list item by item: GinPostingList of access/ginblock.h, ginPostingListDecode of ginpostinglist.c.
 *
 * <p>A list is its first item as an item pointer, the length in bytes of what follows, and the distance from each item to the next: seven bits a
 * byte, the lowest first, the eighth bit telling that there are more. An item here is the number that Postgres counts distances in: block
 * number times 2048 plus offset number.
 *
 * <p>A flyweight: the memory is borrowed. No read passes the list's end.
 */
final class PostingListReader {
    /** What {@link #next} gives behind the last item: more than any. */
    static final long NO_ITEM = Long.MAX_VALUE;

    /** sizeof(ItemPointerData). */
    static final int ITEM_POINTER_BYTES = 6;

    /** offsetof(GinPostingList, bytes). */
    static final int HEADER_BYTES = 8;

    /** MaxHeapTuplesPerPageBits. */
    static final int OFFSET_BITS = 11;

    /** MaxBytesPerInteger. */
    static final int MAX_VARBYTE_BYTES = 7;

    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
    private static final int ITEM_BITS = Integer.SIZE + OFFSET_BITS;

    private MemorySegment segment = MemorySegment.NULL;
    private long at;
    private long end;
    private long item;

    /** SizeOfGinPostingList: with its header, rounded up to two bytes. The header must be there. */
    static int listBytes(final MemorySegment segment, final long offset) {
        return HEADER_BYTES + (LittleEndian.getUnsignedShort(segment, offset + ITEM_POINTER_BYTES) + 1 & -2);
    }

    /** Moves to a list all of which is there, and gives its first item. */
    long wrap(final MemorySegment borrowed, final long offset) {
        segment = borrowed;
        at = offset + HEADER_BYTES;
        end = at + LittleEndian.getUnsignedShort(borrowed, offset + ITEM_POINTER_BYTES);
        item = itemPointer(borrowed, offset);
        return item;
    }

    /** The next item, or {@link #NO_ITEM}. */
    long next() {
        if (at == end) {
            return NO_ITEM;
        }
        long from = at;
        long distance = 0;
        for (int bytes = 0; bytes < MAX_VARBYTE_BYTES && from < end; bytes++) {
            final int part = LittleEndian.getUnsignedByte(segment, from++);
            distance |= (part & 0x7FL) << (7 * bytes);
            if (part < 0x80) {
                at = from;
                item = requireItem(item + distance);
                return item;
            }
        }
        throw new MalformedDataException(
                "a posting list ends within an item, or has one of more than " + MAX_VARBYTE_BYTES + " bytes");
    }

    /** The item that an item pointer names. */
    static long itemPointer(final MemorySegment segment, final long offset) {
        final long block = (long) LittleEndian.getUnsignedShort(segment, offset) << Short.SIZE
                | LittleEndian.getUnsignedShort(segment, offset + Short.BYTES);
        final int offsetNumber = LittleEndian.getUnsignedShort(segment, offset + Integer.BYTES);
        if (offsetNumber > OFFSET_MASK) {
            throw new MalformedDataException("a posting list has offset number " + offsetNumber
                    + ", and the largest that fits is " + OFFSET_MASK);
        }
        return requireItem(block << OFFSET_BITS | offsetNumber);
    }

    /** Writes an item as an item pointer. */
    static void putItemPointer(final MemorySegment segment, final long offset, final long item) {
        GinPage.putBlockId(segment, offset, (int) (item >>> OFFSET_BITS));
        LittleEndian.putShort(segment, offset + Integer.BYTES, (int) item & OFFSET_MASK);
    }

    private static long requireItem(final long item) {
        if (item >>> ITEM_BITS != 0 || (item & OFFSET_MASK) == 0) {
            throw new MalformedDataException("a posting list names block " + (item >>> OFFSET_BITS) + ", offset number "
                    + (item & OFFSET_MASK) + ": no heap row can be there");
        }
        return item;
    }
}
