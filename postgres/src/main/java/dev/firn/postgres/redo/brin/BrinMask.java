package dev.firn.postgres.redo.brin;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What the records of BRIN indexes don't determine. */
public final class BrinMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.unusedSpace(page);
    }
}
