package dev.firn.postgres.redo.btree;

import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * A page that is split: btree_xlog_split of nbtxlog.c. The record carries the right half whole. The left half is made anew from the page's old
 * items in their order, so that they lie on it as on the primary.
 */
final class BtreeSplitRedo {
    // xl_btree_split.
    private static final int LEVEL = 0;
    private static final int FIRST_RIGHT = 4;
    private static final int NEW_ITEM = 6;
    private static final int POSTING_INDEX = 8;

    // Its blocks.
    private static final int LEFT = 0;
    private static final int RIGHT = 1;
    private static final int SIBLING = 2;
    private static final int CHILD = 3;

    private final BtreeInsertRedo inserts;

    BtreeSplitRedo(final BtreeInsertRedo inserts) {
        this.inserts = inserts;
    }

    /** The effect of SPLIT_L (the new item went left) or SPLIT_R on a block. */
    PageChange split(final RedoContext redo, final int block, final boolean newItemOnLeft) {
        switch (block) {
            case LEFT -> left(redo, newItemOnLeft);
            case RIGHT -> right(redo);
            case SIBLING -> {
                redo.requireNoInit(SIBLING);
                BtreePage.previous(redo.page(), redo.record().blockNumber(RIGHT));
            }
            case CHILD -> {
                if (redo.main().intAt(LEVEL) == 0) {
                    throw redo.unexpectedBlock(CHILD);
                }
                return BtreeInsertRedo.completeSplit(redo, CHILD);
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    private void right(final RedoContext redo) {
        redo.requireInit(RIGHT);
        final int level = redo.main().intAt(LEVEL);
        final int next = redo.record().hasBlock(SIBLING) ? redo.record().blockNumber(SIBLING) : BtreePage.NO_BLOCK;
        BtreePage.initialize(
                redo.page(), redo.record().blockNumber(LEFT), next, level, level == 0 ? BtreePage.LEAF : 0);
        inserts.fill(redo, redo.blockData(RIGHT));
    }

    /**
     * The record has the new item when it goes left or when its TID lies within the posting list before it, and then the left half's
     * high key.
     */
    private static void left(final RedoContext redo, final boolean newItemOnLeft) {
        redo.requireNoInit(LEFT);
        final int postingIndex = redo.main().unsignedShort(POSTING_INDEX);
        final RecordData data = redo.blockData(LEFT);
        int newItemBytes = 0;
        long newItem = 0;
        if (newItemOnLeft || postingIndex != 0) {
            newItemBytes = PageLayout.align(data.indexTupleBytes());
            newItem = data.take(newItemBytes);
        }
        final int highKeyBytes = PageLayout.align(data.indexTupleBytes());
        final long highKey = data.take(highKeyBytes);
        data.requireEnd();

        final PageFlyweight old = redo.copyOfPage();
        final PageFlyweight page = redo.page();
        BtreePage.initializeLike(page, old);
        append(redo, data.segment(), highKey, highKeyBytes);
        moveLeft(redo, old, newItemOnLeft, postingIndex, newItem, newItemBytes);

        final int level = redo.main().intAt(LEVEL);
        BtreePage.flags(page, BtreePage.INCOMPLETE_SPLIT | (level == 0 ? BtreePage.LEAF : 0));
        BtreePage.next(page, redo.record().blockNumber(RIGHT));
        BtreePage.clearCycle(page);
    }

    /** The old items before the first that went right, with the new one among them or after them. */
    private static void moveLeft(
            final RedoContext redo,
            final PageFlyweight old,
            final boolean newItemOnLeft,
            final int postingIndex,
            final long newItem,
            final int newItemBytes) {
        final int firstRight = redo.main().unsignedShort(FIRST_RIGHT);
        final int newOffset = redo.main().unsignedShort(NEW_ITEM);
        final int first = BtreePage.firstDataOffset(old);
        final int posting = postingIndex == 0 ? 0 : newOffset - 1;
        if ((newItemOnLeft && (newOffset < first || newOffset > firstRight))
                || (postingIndex != 0 && (posting < first || posting >= firstRight))) {
            throw redo.misfit("the new item goes to offset number " + newOffset + ", but the left half has " + first
                    + " up to " + (firstRight - 1));
        }
        final MemorySegment record = redo.record().segment();
        final PageFlyweight page = redo.page();
        long fallen = 0;
        for (int offsetNumber = first; offsetNumber <= firstRight; offsetNumber++) {
            if (newItemOnLeft && offsetNumber == newOffset) {
                append(redo, record, newItem, newItemBytes);
                if (postingIndex != 0) {
                    IndexTuple.tid(page.segment(), page.base() + page.upper(), fallen);
                }
            }
            if (offsetNumber == firstRight) {
                break;
            }
            final long item = old.base() + old.itemOffset(offsetNumber);
            final int bytes = old.itemLength(offsetNumber);
            append(redo, old.segment(), item, bytes);
            if (offsetNumber == posting) {
                fallen = PostingList.insert(
                        page.segment(),
                        page.base() + page.upper(),
                        bytes,
                        postingIndex,
                        IndexTuple.tid(record, newItem));
            }
        }
    }

    private static void append(
            final RedoContext redo, final MemorySegment source, final long sourceOffset, final int bytes) {
        BtreeInsertRedo.add(redo, redo.page().linePointerCount() + 1, source, sourceOffset, bytes);
    }
}
