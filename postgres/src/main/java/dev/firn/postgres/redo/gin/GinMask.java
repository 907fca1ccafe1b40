package dev.firn.postgres.redo.gin;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of GIN indexes don't determine: gin_mask of ginxlog.c. Of a deleted page nothing but the header counts, since redo makes a
 * page that leaves the pending list empty, and the primary does not. Pages of posting trees from before 9.4 have no lower: nothing of them is
 * hole then.
 */
public final class GinMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        final int flags = GinPage.flags(page);
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        if ((flags & GinPage.DELETED) != 0) {
            Masks.content(page);
        } else if (page.lower() > PageLayout.HEADER_BYTES) {
            Masks.unusedSpace(page);
        }
    }
}
