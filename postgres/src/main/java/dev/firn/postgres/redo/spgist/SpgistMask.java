package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What the records of SP-GiST indexes don't determine: spg_mask of spgxlog.c. Old metapages use space that their header doesn't count. */
public final class SpgistMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        if (page.lower() >= PageLayout.HEADER_BYTES) {
            Masks.unusedSpace(page);
        }
    }
}
