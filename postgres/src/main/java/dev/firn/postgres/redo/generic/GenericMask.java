package dev.firn.postgres.redo.generic;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What the records of generic WAL records don't determine. */
public final class GenericMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.unusedSpace(page);
    }
}
