package dev.firn.postgres.redo.brin;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of BRIN indexes don't determine: brin_mask of access/brin/brin_xlog.c. The pages of the range map use all their space
 * without moving lower, and old metapages too.
 */
public final class BrinMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        final int type = BrinPage.type(page);
        if (type == BrinPage.REGULAR || (type == BrinPage.META && page.lower() > PageLayout.HEADER_BYTES)) {
            Masks.unusedSpace(page);
        }
        BrinPage.clearEvacuate(page);
    }
}
