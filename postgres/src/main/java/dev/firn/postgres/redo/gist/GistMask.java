package dev.firn.postgres.redo.gist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What the records of GiST indexes don't determine. */
public final class GistMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.unusedSpace(page);
    }
}
