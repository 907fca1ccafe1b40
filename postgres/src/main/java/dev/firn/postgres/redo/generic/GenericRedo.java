package dev.firn.postgres.redo.generic;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.redo.mask.Masks;
import java.lang.foreign.MemorySegment;

/**
 * Redo of generic WAL records (generic_redo of access/transam/generic_xlog.c): what extensions like bloom write.
 *
 * <p>A block's data is a list of fragments, each an offset, a length and so many bytes for that place of the page. Nothing in them is
 * about the hole, so it becomes zeroes: as it was when the record was made. There is one operation only, whatever the info bits are.
 */
public final class GenericRedo implements PageRedo {
    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final PageFlyweight page = redo.page();
        final RecordData delta = redo.blockData(block);
        while (delta.remaining() > 0) {
            final int offset = delta.nextUnsignedShort();
            final int length = delta.nextUnsignedShort();
            if (offset + length > PageLayout.PAGE_BYTES) {
                throw redo.misfit("a fragment of " + length + " bytes at " + offset + " passes the page's end");
            }
            MemorySegment.copy(delta.segment(), delta.take(length), page.segment(), page.base() + offset, length);
        }
        final int lower = page.lower();
        final int upper = page.upper();
        if (lower < PageLayout.HEADER_BYTES || lower > upper || upper > PageLayout.PAGE_BYTES) {
            throw redo.misfit("the page has lower " + lower + " and upper " + upper + " after the change");
        }
        Masks.zero(page, lower, upper);
        return PageChange.MOVES_LSN;
    }
}
