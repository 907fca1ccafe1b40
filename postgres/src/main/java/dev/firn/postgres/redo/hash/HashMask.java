package dev.firn.postgres.redo.hash;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of hash indexes don't determine: hash_mask of hash_xlog.c. A page that is free has any content; scans mark tuples of buckets
 * dead without a record, and the page with them.
 */
public final class HashMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        Masks.unusedSpace(page);
        final int type = HashPage.flags(page) & HashPage.TYPE_MASK;
        if (type == HashPage.UNUSED_PAGE) {
            Masks.content(page);
        } else if (type == HashPage.BUCKET_PAGE || type == HashPage.OVERFLOW_PAGE) {
            Masks.linePointerStates(page);
        }
        HashPage.clearFlags(page, HashPage.HAS_DEAD_TUPLES);
    }
}
