package dev.firn.postgres.redo.btree;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * A tuple that goes onto a page, and pages that are filled at once: btree_xlog_insert, btree_xlog_newroot, _bt_restore_page and
 * _bt_clear_incomplete_split of nbtxlog.c.
 */
final class BtreeInsertRedo {
    // xl_btree_newroot.
    private static final int NEW_ROOT_LEVEL = 4;

    /** Where the tuples of a page that is filled at once begin in the record, last one first. */
    private final int[] begins = new int[IndexTuple.MAX_PER_PAGE];

    /** INSERT_LEAF, INSERT_UPPER, INSERT_META: the page that takes the tuple. */
    PageChange insert(final RedoContext redo) {
        redo.requireNoInit(0);
        final int offsetNumber = redo.main().unsignedShort(0);
        final RecordData data = redo.blockData(0);
        final int bytes = data.indexTupleBytes();
        add(redo, offsetNumber, data.segment(), data.take(bytes), bytes);
        data.requireEnd();
        return PageChange.MOVES_LSN;
    }

    /**
     * INSERT_POST: the new tuple's TID lies within the posting list before it. It goes into the list, and the new tuple takes the TID that
     * fell out.
     */
    PageChange insertIntoPosting(final RedoContext redo) {
        redo.requireNoInit(0);
        final int offsetNumber = redo.main().unsignedShort(0);
        final RecordData data = redo.blockData(0);
        final int index = data.nextUnsignedShort();
        final int bytes = data.indexTupleBytes();
        final long tuple = data.take(bytes);
        data.requireEnd();
        final PageFlyweight page = redo.page();
        final int posting = page.itemOffset(offsetNumber - 1);
        final long fallen = PostingList.insert(
                page.segment(),
                page.base() + posting,
                page.itemLength(offsetNumber - 1),
                index,
                IndexTuple.tid(data.segment(), tuple));
        add(redo, offsetNumber, data.segment(), tuple, bytes);
        IndexTuple.tid(page.segment(), page.base() + page.upper(), fallen);
        return PageChange.MOVES_LSN;
    }

    /** PageAddItem, which must not fail. */
    static void add(
            final RedoContext redo,
            final int offsetNumber,
            final MemorySegment source,
            final long sourceOffset,
            final int bytes) {
        final PageFlyweight page = redo.page();
        if (redo.editor().addItem(page, offsetNumber, source, sourceOffset, bytes) == PageEditor.NO_ROOM) {
            throw redo.misfit("an item of " + bytes + " bytes does not fit at offset number " + offsetNumber + " of "
                    + page.linePointerCount() + ", with " + page.exactFreeSpace() + " bytes free");
        }
    }

    /** The child on the left of a downlink that is now there: its split is complete. */
    static PageChange completeSplit(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        BtreePage.clearFlags(redo.page(), BtreePage.INCOMPLETE_SPLIT);
        return PageChange.MOVES_LSN;
    }

    /** The root that a NEWROOT record makes: empty as a leaf, with the downlinks of both halves above. */
    PageChange newRoot(final RedoContext redo) {
        redo.requireInit(0);
        final int level = redo.main().intAt(NEW_ROOT_LEVEL);
        BtreePage.initialize(
                redo.page(),
                BtreePage.NO_BLOCK,
                BtreePage.NO_BLOCK,
                level,
                BtreePage.ROOT | (level == 0 ? BtreePage.LEAF : 0));
        if (level != 0) {
            fill(redo, redo.blockData(0));
        }
        return PageChange.MOVES_LSN;
    }

    /** The left half of the old root: NEWROOT's block 1, which is there when there was an old root. */
    static PageChange completeRootSplit(final RedoContext redo) {
        if (redo.main().intAt(NEW_ROOT_LEVEL) == 0) {
            throw redo.unexpectedBlock(1);
        }
        return completeSplit(redo, 1);
    }

    /**
     * Puts items onto an empty page. The record has them as they lie on the page, lowest first, which is that of the last line pointer: so
     * all go there in one copy, and the line pointers are made from their sizes.
     */
    void fill(final RedoContext redo, final RecordData data) {
        final PageFlyweight page = redo.page();
        final MemorySegment segment = page.segment();
        final int bytes = data.length();
        int count = 0;
        while (data.remaining() > 0) {
            if (count == begins.length) {
                throw redo.misfit("the record has more than " + count + " tuples for one page");
            }
            begins[count++] = data.position();
            data.take(PageLayout.align(data.indexTupleBytes()));
        }
        final int upper = page.upper() - bytes;
        final int lower = PageLayout.HEADER_BYTES + count * PageLayout.LINE_POINTER_BYTES;
        if (lower > upper) {
            throw redo.misfit("the record has " + count + " tuples of " + bytes + " bytes for one page");
        }
        MemorySegment.copy(data.segment(), data.at(0, bytes), segment, page.base() + upper, bytes);
        int end = bytes;
        for (int i = count - 1; i >= 0; i--) {
            LittleEndian.putInt(
                    segment,
                    page.base() + PageLayout.HEADER_BYTES + (long) (count - 1 - i) * PageLayout.LINE_POINTER_BYTES,
                    LinePointer.of(upper + begins[i], LinePointer.NORMAL, end - begins[i]));
            end = begins[i];
        }
        page.lower(lower);
        page.upper(upper);
    }
}
