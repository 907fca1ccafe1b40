package dev.firn.postgres.redo.btree;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * Tuples that go from a leaf, and TIDs that go from posting lists: btree_xlog_vacuum and btree_xlog_delete of nbtxlog.c, and
 * _bt_update_posting of nbtdedup.c. Both records carry the same: offset numbers to delete, offset numbers to update, and for each of the
 * latter the places in its list that go (xl_btree_update).
 */
final class BtreeDeleteRedo {
    // xl_btree_vacuum, and xl_btree_delete, which has a transaction id first.
    private static final int VACUUM_DELETED = 0;
    private static final int DELETE_DELETED = 4;

    private final int[] offsetNumbers = new int[PageLayout.MAX_OFFSET_NUMBER];

    PageChange vacuum(final RedoContext redo) {
        return remove(redo, VACUUM_DELETED);
    }

    PageChange delete(final RedoContext redo) {
        return remove(redo, DELETE_DELETED);
    }

    private PageChange remove(final RedoContext redo, final int countsOffset) {
        redo.requireNoInit(0);
        final RecordData main = redo.main();
        final int deleted = main.unsignedShort(countsOffset);
        final int updated = main.unsignedShort(countsOffset + Short.BYTES);
        final PageFlyweight page = redo.page();
        final int lineCount = page.linePointerCount();
        if (deleted > offsetNumbers.length || deleted + updated > lineCount) {
            throw redo.misfit("the record deletes " + deleted + " items and updates " + updated + ", of " + lineCount);
        }
        final RecordData data = redo.blockData(0);
        for (int i = 0; i < deleted; i++) {
            offsetNumbers[i] = data.nextUnsignedShort();
        }
        if (updated > 0) {
            update(redo, data, updated);
        }
        data.requireEnd();
        redo.editor().deleteIndexTuples(page, offsetNumbers, deleted);
        // No tuple is marked dead any more: they were among those.
        BtreePage.clearFlags(page, BtreePage.HAS_GARBAGE);
        return PageChange.MOVES_LSN;
    }

    /**
     * Each new tuple is built in a copy of the page, in the place of the old one, which is never shorter. Not on the page: there the bytes
     * that a shorter tuple leaves behind would differ from those that Postgres leaves.
     */
    private static void update(final RedoContext redo, final RecordData data, final int updated) {
        final PageFlyweight page = redo.page();
        final PageFlyweight copy = redo.copyOfPage();
        int place = data.position();
        data.take(updated * Short.BYTES);
        int previous = 0;
        for (int i = 0; i < updated; i++) {
            final int offsetNumber = data.unsignedShort(place);
            place += Short.BYTES;
            if (offsetNumber <= previous) {
                throw redo.misfit("the offset numbers to update don't ascend: " + offsetNumber + " after " + previous);
            }
            previous = offsetNumber;
            final long tuple = copy.base() + copy.itemOffset(offsetNumber);
            final int bytes =
                    removeTids(redo, data, copy.segment(), tuple, copy.itemLength(offsetNumber), offsetNumber);
            if (!redo.editor().overwriteIndexTuple(page, offsetNumber, copy.segment(), tuple, bytes)) {
                throw redo.misfit("the posting list at offset number " + offsetNumber + " does not fit any more");
            }
        }
    }

    /** Takes the next xl_btree_update, and its TIDs out of a posting list in place. Returns how many bytes the tuple has then. */
    private static int removeTids(
            final RedoContext redo,
            final RecordData data,
            final MemorySegment segment,
            final long tuple,
            final int lengthBytes,
            final int offsetNumber) {
        final int keyBytes = PostingList.tidsOffset(segment, tuple, lengthBytes);
        final int count = PostingList.count(segment, tuple);
        final int removed = data.nextUnsignedShort();
        final int left = count - removed;
        if (keyBytes == 0 || left < 1) {
            throw redo.misfit("the record takes " + removed + " TIDs from the item at offset number " + offsetNumber
                    + ", which has " + count);
        }
        final long tids = tuple + keyBytes;
        long to = tids;
        int next = removed > 0 ? data.nextUnsignedShort() : count;
        int gone = 0;
        for (int i = 0; i < count; i++) {
            if (i == next) {
                gone++;
                next = gone < removed ? data.nextUnsignedShort() : count;
                continue;
            }
            IndexTuple.tid(segment, to, IndexTuple.tid(segment, tids + (long) i * IndexTuple.TID_BYTES));
            to += IndexTuple.TID_BYTES;
        }
        if (gone != removed) {
            throw redo.misfit("the places to take from the posting list at offset number " + offsetNumber
                    + " are not ascending ones among " + count);
        }
        final int bytes = PostingList.tupleBytes(keyBytes, left);
        if (left == 1) {
            PostingList.setPlainHeader(segment, tuple, bytes, IndexTuple.tid(segment, tids));
        } else {
            PostingList.setHeader(segment, tuple, keyBytes, left, bytes);
            for (; to < tuple + bytes; to++) {
                LittleEndian.putByte(segment, to, 0);
            }
        }
        return bytes;
    }
}
