package dev.firn.postgres.redo.heap;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageMask;
import dev.firn.postgres.redo.mask.Masks;

/**
 * What the records of heap tables don't determine: heap_mask of access/heap/heapam.c.
 *
 * <p>It masks the pages of the visibility map too, which these records also touch. Their bits lie between lower and upper: nothing of
 * them is ever compared, here as in Postgres.
 */
public final class HeapMask implements PageMask {
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();

    @Override
    public void mask(final PageFlyweight page, final int block) {
        Masks.lsnAndChecksum(page);
        Masks.pageHints(page);
        Masks.unusedSpace(page);
        final int count = page.linePointerCount();
        for (int offsetNumber = 1; offsetNumber <= count; offsetNumber++) {
            final int pointer = page.linePointer(offsetNumber);
            if (LinePointer.state(pointer) == LinePointer.NORMAL) {
                maskTuple(page, block, offsetNumber);
            }
            if (LinePointer.hasStorage(pointer)) {
                maskPadding(page, LinePointer.offset(pointer) + LinePointer.length(pointer));
            }
        }
    }

    private void maskTuple(final PageFlyweight page, final int block, final int offsetNumber) {
        tuple.wrap(page, offsetNumber);
        final int unlogged = tuple.isXminFrozen()
                ? HeapTupleFlags.XMAX_INVALID | HeapTupleFlags.XMAX_COMMITTED
                : HeapTupleFlags.XACT_MASK;
        tuple.infomask(tuple.infomask() & ~unlogged);
        tuple.commandId(0);
        // The primary's speculative token is not logged: redo points the tuple to itself at once.
        if (tuple.isSpeculative()) {
            tuple.ctid(block, offsetNumber);
        }
    }

    /** Up to the next multiple of eight bytes, counted from the item's begin, which is one. */
    private static void maskPadding(final PageFlyweight page, final int end) {
        if (PageLayout.align(end) > PageLayout.PAGE_BYTES) {
            throw new MalformedDataException("the page to compare has an item that ends at " + end);
        }
        for (int at = end; at < PageLayout.align(end); at++) {
            LittleEndian.putByte(page.segment(), page.base() + at, 0);
        }
    }
}
