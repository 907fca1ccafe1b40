package dev.firn.postgres.redo.sequence;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/** What the records of sequences don't determine: seq_mask of commands/sequence.c. */
public final class SequenceMask implements PageMask {
    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.unusedSpace(page);
    }
}
