package dev.firn.postgres.redo.gist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of GiST indexes don't determine: gist_mask of gistxlog.c. The NSN is an LSN, and FOLLOW_RIGHT is cleared on the
 * child after the record was written. On leaves scans mark items dead, and the page as one with garbage, without a record.
 */
public final class GistMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        Masks.unusedSpace(page);
        GistPage.nsn(page, 0);
        final int flags = GistPage.flags(page);
        if ((flags & GistPage.LEAF) != 0) {
            Masks.linePointerStates(page);
        }
        GistPage.flags(page, (flags | GistPage.FOLLOW_RIGHT) & ~GistPage.HAS_GARBAGE);
    }
}
