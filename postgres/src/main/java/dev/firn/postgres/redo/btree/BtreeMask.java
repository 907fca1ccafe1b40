package dev.firn.postgres.redo.btree;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of btree indexes don't determine: btree_mask of nbtxlog.c. Scans mark tuples of leaves dead without a record, and the page
 * with them; redo of a split knows neither the vacuum's cycle nor the end of its group.
 */
public final class BtreeMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        Masks.unusedSpace(page);
        if ((BtreePage.flags(page) & BtreePage.LEAF) != 0) {
            Masks.linePointerStates(page);
        }
        BtreePage.clearFlags(page, BtreePage.HAS_GARBAGE | BtreePage.SPLIT_END);
        BtreePage.clearCycle(page);
    }
}
