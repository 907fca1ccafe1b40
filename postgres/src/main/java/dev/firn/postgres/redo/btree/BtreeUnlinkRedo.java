package dev.firn.postgres.redo.btree;

import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/**
 * Pages that leave the tree, in two steps: btree_xlog_mark_page_halfdead takes the downlink to a subtree, and btree_xlog_unlink_page takes its
 * pages from between their siblings, one record for each.
 */
final class BtreeUnlinkRedo {
    // xl_btree_mark_page_halfdead.
    private static final int PARENT_OFFSET_NUMBER = 0;
    private static final int LEAF_LEFT = 8;
    private static final int LEAF_RIGHT = 12;
    private static final int TOP_PARENT = 16;

    // xl_btree_unlink_page. The transaction id is aligned to eight bytes.
    private static final int LEFT = 0;
    private static final int RIGHT = 4;
    private static final int LEVEL = 8;
    private static final int SAFE_FULL_XID = 16;
    private static final int REMAINING_LEAF_LEFT = 24;
    private static final int REMAINING_LEAF_RIGHT = 28;
    private static final int REMAINING_TOP_PARENT = 32;

    private BtreeUnlinkRedo() {}

    /** MARK_PAGE_HALFDEAD: the leaf, made anew without its tuples, all of which are dead; and the parent of the subtree. */
    static PageChange markHalfDead(final RedoContext redo, final int block) {
        switch (block) {
            case 0 -> {
                redo.requireInit(block);
                final RecordData main = redo.main();
                BtreePage.initializeHalfDead(
                        redo.page(), main.intAt(LEAF_LEFT), main.intAt(LEAF_RIGHT), main.intAt(TOP_PARENT));
            }
            case 1 -> takeDownlink(redo);
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** The subtree's downlink becomes that of its right sibling, whose own tuple goes: so the key space moves to the right. */
    private static void takeDownlink(final RedoContext redo) {
        redo.requireNoInit(1);
        final int offsetNumber = redo.main().unsignedShort(PARENT_OFFSET_NUMBER);
        final PageFlyweight page = redo.page();
        final int rightSibling = IndexTuple.block(page.segment(), tuple(page, offsetNumber + 1));
        IndexTuple.block(page.segment(), tuple(page, offsetNumber), rightSibling);
        redo.editor().deleteIndexTuple(page, offsetNumber + 1);
    }

    private static long tuple(final PageFlyweight page, final int offsetNumber) {
        final long tuple = page.base() + page.itemOffset(offsetNumber);
        IndexTuple.checkedSize(page.segment(), tuple, page.itemLength(offsetNumber));
        return tuple;
    }

    /**
     * UNLINK_PAGE and UNLINK_PAGE_META: the page, which is made anew as a deleted one; its siblings; the subtree's leaf when the page
     * was above it; and the metapage when the right sibling becomes the fast root.
     */
    static PageChange unlink(final RedoContext redo, final int block, final boolean withMeta) {
        final RecordData main = redo.main();
        final int left = main.intAt(LEFT);
        final int right = main.intAt(RIGHT);
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                redo.requireInit(block);
                BtreePage.initializeDeleted(page, left, right, main.intAt(LEVEL), main.longAt(SAFE_FULL_XID));
            }
            case 1 -> {
                redo.requireNoInit(block);
                if (left == BtreePage.NO_BLOCK) {
                    throw redo.unexpectedBlock(block);
                }
                BtreePage.next(page, right);
            }
            case 2 -> {
                redo.requireNoInit(block);
                BtreePage.previous(page, left);
            }
            case 3 -> {
                redo.requireInit(block);
                BtreePage.initializeHalfDead(
                        page,
                        main.intAt(REMAINING_LEAF_LEFT),
                        main.intAt(REMAINING_LEAF_RIGHT),
                        main.intAt(REMAINING_TOP_PARENT));
            }
            case 4 -> {
                if (!withMeta) {
                    throw redo.unexpectedBlock(block);
                }
                return BtreeMetaRedo.restore(redo, block);
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }
}
