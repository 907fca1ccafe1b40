package dev.firn.postgres.redo.generic;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What generic WAL records don't determine (generic_mask of generic_xlog.c): not even the hints of the page's header are left out. */
public final class GenericMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.unusedSpace(page);
    }
}
