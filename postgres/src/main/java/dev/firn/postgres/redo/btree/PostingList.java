package dev.firn.postgres.redo.btree;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Leaf tuples that stand for many heap tuples with one key: the posting list tuples of access/nbtree.h and nbtdedup.c. After the key, at a
 * multiple of eight bytes, comes an array of TIDs; the tuple's own TID holds where it begins, and how many they are.
 *
 * <p>Functions over a tuple that lies in so many bytes of a segment.
 */
final class PostingList {
    /** BTMaxItemSize: the largest tuple, so that three fit on a page. The same in 15 and 17, by different arithmetic. */
    static final int MAX_TUPLE_BYTES = 2704;

    /** INDEX_ALT_TID_MASK: the TID is none. */
    private static final int ALTERNATIVE_TID = IndexTuple.ACCESS_METHOD_BIT;

    // In the TID's offset number: BT_IS_POSTING, and BT_OFFSET_MASK.
    private static final int IS_POSTING = 0x2000;
    private static final int COUNT_MASK = 0x0FFF;

    private PostingList() {}

    /** BTreeTupleIsPosting. */
    static boolean isPosting(final MemorySegment segment, final long tuple) {
        return (IndexTuple.info(segment, tuple) & ALTERNATIVE_TID) != 0
                && (IndexTuple.offsetNumber(segment, tuple) & IS_POSTING) != 0;
    }

    /** How many TIDs: 1 for a tuple that is no posting list. */
    static int count(final MemorySegment segment, final long tuple) {
        return isPosting(segment, tuple) ? IndexTuple.offsetNumber(segment, tuple) & COUNT_MASK : 1;
    }

    /** Where the TIDs begin, from the tuple's begin, checked: they lie behind its header, aligned, and within its bytes. */
    static int tidsOffset(final MemorySegment segment, final long tuple, final int lengthBytes) {
        final int size = IndexTuple.checkedSize(segment, tuple, lengthBytes);
        if (!isPosting(segment, tuple)) {
            return 0;
        }
        final int offset = IndexTuple.block(segment, tuple);
        final int bytes = count(segment, tuple) * IndexTuple.TID_BYTES;
        if (offset < IndexTuple.HEADER_BYTES
                || offset > size
                || offset != PageLayout.align(offset)
                || bytes == 0
                || bytes > size - offset) {
            throw new MalformedDataException(
                    "a posting list of " + bytes + " bytes at " + offset + " of a tuple of " + size);
        }
        return offset;
    }

    /** How long the tuple is without TIDs: what a posting list that is made from it begins with. */
    static int keyBytes(final MemorySegment segment, final long tuple, final int lengthBytes) {
        final int offset = tidsOffset(segment, tuple, lengthBytes);
        final int bytes = offset == 0 ? IndexTuple.size(segment, tuple) : offset;
        if (bytes != PageLayout.align(bytes)) {
            throw new MalformedDataException("a leaf tuple of " + bytes + " bytes: they are always a multiple of 8");
        }
        return bytes;
    }

    /** What a tuple with such a key takes with so many TIDs: one is in its header (_bt_form_posting). */
    static int tupleBytes(final int keyBytes, final int count) {
        return count == 1 ? keyBytes : PageLayout.align(keyBytes + count * IndexTuple.TID_BYTES);
    }

    /** Makes a tuple's header that of a posting list: BTreeTupleSetPosting. Its array is the caller's to fill. */
    static void setHeader(
            final MemorySegment segment, final long tuple, final int keyBytes, final int count, final int tupleBytes) {
        final int info = IndexTuple.info(segment, tuple) & ~IndexTuple.SIZE_MASK;
        IndexTuple.info(segment, tuple, info | tupleBytes | ALTERNATIVE_TID);
        IndexTuple.offsetNumber(segment, tuple, count | IS_POSTING);
        IndexTuple.block(segment, tuple, keyBytes);
    }

    /** Makes a posting list's header that of a plain tuple with one TID. */
    static void setPlainHeader(final MemorySegment segment, final long tuple, final int tupleBytes, final long tid) {
        final int info = IndexTuple.info(segment, tuple) & ~(IndexTuple.SIZE_MASK | ALTERNATIVE_TID);
        IndexTuple.info(segment, tuple, info | tupleBytes);
        IndexTuple.tid(segment, tuple, tid);
    }

    /**
     * _bt_swap_posting: puts a TID into a posting list, in its place; those behind it move up, and the last one falls out.
     *
     * @param index where in the list it goes: neither first nor past the last.
     * @return the TID that fell out: that of the new tuple behind the list.
     */
    static long insert(
            final MemorySegment segment, final long tuple, final int lengthBytes, final int index, final long tid) {
        final int offset = tidsOffset(segment, tuple, lengthBytes);
        final int count = count(segment, tuple);
        if (offset == 0 || index <= 0 || index >= count) {
            throw new MalformedDataException(
                    "a tuple with " + count + " TIDs can't be split at " + index + " as a posting list");
        }
        final long tids = tuple + offset;
        final long at = tids + (long) index * IndexTuple.TID_BYTES;
        final long last = tids + (long) (count - 1) * IndexTuple.TID_BYTES;
        final long fallen = IndexTuple.tid(segment, last);
        MemorySegment.copy(segment, at, segment, at + IndexTuple.TID_BYTES, last - at);
        IndexTuple.tid(segment, at, tid);
        return fallen;
    }
}
