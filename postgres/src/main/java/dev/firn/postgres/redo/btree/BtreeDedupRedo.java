package dev.firn.postgres.redo.btree;

import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * A leaf whose equal tuples are merged: btree_xlog_dedup of nbtxlog.c, and _bt_form_posting of nbtdedup.c. The record has intervals of line
 * pointers (BTDedupInterval); each becomes a posting list, all else stays. The page is made anew, so that its items lie in their
 * order.
 */
final class BtreeDedupRedo {
    // BTDedupInterval: the first line pointer, and how many.
    private static final int INTERVAL_BYTES = 4;
    private static final int INTERVAL_ITEMS = 2;

    private BtreeDedupRedo() {}

    static PageChange merge(final RedoContext redo) {
        redo.requireNoInit(0);
        final int intervals = redo.main().unsignedShort(0);
        final RecordData data = redo.blockData(0);
        if (data.length() != intervals * INTERVAL_BYTES) {
            throw redo.misfit("the record has " + data.length() + " bytes for " + intervals + " intervals");
        }
        final PageFlyweight old = redo.copyOfPage();
        final PageFlyweight page = redo.page();
        BtreePage.initializeLike(page, old);
        BtreePage.clearFlags(page, BtreePage.HAS_GARBAGE);
        final int first = BtreePage.firstDataOffset(old);
        final int last = old.linePointerCount();
        if (first > last) {
            throw redo.misfit("the page has no tuples to merge");
        }
        if (first > BtreePage.HIGH_KEY) {
            add(redo, old, BtreePage.HIGH_KEY, old.itemLength(BtreePage.HIGH_KEY));
        }
        int interval = 0;
        int offsetNumber = first;
        while (offsetNumber <= last) {
            if (interval < intervals && data.unsignedShort(interval * INTERVAL_BYTES) == offsetNumber) {
                final int items = data.unsignedShort(interval * INTERVAL_BYTES + INTERVAL_ITEMS);
                if (items < 2 || items > last - offsetNumber + 1) {
                    throw redo.misfit("the record merges " + items + " items from offset number " + offsetNumber
                            + ", of " + last);
                }
                addMerged(redo, old, offsetNumber, items);
                offsetNumber += items;
                interval++;
            } else {
                final long tuple = old.base() + old.itemOffset(offsetNumber);
                final int bytes = IndexTuple.checkedSize(old.segment(), tuple, old.itemLength(offsetNumber));
                add(redo, old, offsetNumber, bytes);
                offsetNumber++;
            }
        }
        if (interval != intervals) {
            throw redo.misfit("interval " + interval + " of " + intervals + " does not begin at an item of the page");
        }
        return PageChange.MOVES_LSN;
    }

    private static void add(final RedoContext redo, final PageFlyweight old, final int offsetNumber, final int bytes) {
        final PageFlyweight page = redo.page();
        final long item = old.base() + old.itemOffset(offsetNumber);
        BtreeInsertRedo.add(redo, page.linePointerCount() + 1, old.segment(), item, bytes);
    }

    /** One posting list with the first item's key and the TIDs of all. Its padding is zero, as all of the page is that has no item yet. */
    private static void addMerged(
            final RedoContext redo, final PageFlyweight old, final int offsetNumber, final int items) {
        final MemorySegment source = old.segment();
        int count = 0;
        for (int i = offsetNumber; i < offsetNumber + items; i++) {
            final long item = old.base() + old.itemOffset(i);
            // Checks the item too.
            PostingList.tidsOffset(source, item, old.itemLength(i));
            count += PostingList.count(source, item);
        }
        final long base = old.base() + old.itemOffset(offsetNumber);
        final int keyBytes = PostingList.keyBytes(source, base, old.itemLength(offsetNumber));
        final int bytes = PostingList.tupleBytes(keyBytes, count);
        final PageFlyweight page = redo.page();
        if (bytes > PostingList.MAX_TUPLE_BYTES
                || redo.editor().reserveItem(page, page.linePointerCount() + 1, bytes) == PageEditor.NO_ROOM) {
            throw redo.misfit("a posting list of " + bytes + " bytes, made of " + items + " items from offset number "
                    + offsetNumber + " on, does not fit");
        }
        final MemorySegment target = page.segment();
        final long tuple = page.base() + page.upper();
        MemorySegment.copy(source, base, target, tuple, keyBytes);
        PostingList.setHeader(target, tuple, keyBytes, count, bytes);
        long at = tuple + keyBytes;
        for (int i = offsetNumber; i < offsetNumber + items; i++) {
            final long item = old.base() + old.itemOffset(i);
            // A plain tuple begins with its TID.
            final long tids = item + PostingList.tidsOffset(source, item, old.itemLength(i));
            final int tidBytes = PostingList.count(source, item) * IndexTuple.TID_BYTES;
            MemorySegment.copy(source, tids, target, at, tidBytes);
            at += tidBytes;
        }
    }
}
