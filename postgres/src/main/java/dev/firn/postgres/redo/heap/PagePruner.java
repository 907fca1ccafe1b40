package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/** What pruning and freezing do to line pointers and tuples, whatever record says so: heap_page_prune_execute, heap_execute_freeze_tuple. */
final class PagePruner {
    // XLH_FREEZE_XVAC, XLH_INVALID_XVAC: of tuples that VACUUM FULL moved before 9.0.
    private static final int FREEZE_XVAC = 0x02;
    private static final int INVALID_XVAC = 0x04;

    private final HeapTupleFlyweight tuple;

    /** A pruner with this flyweight. */
    PagePruner(final HeapTupleFlyweight tuple) {
        this.tuple = tuple;
    }

    /** Makes line pointers redirections: pairs of from and to. */
    void redirect(final PageFlyweight page, final RecordData offsetNumbers, final int count) {
        for (int i = 0; i < count; i++) {
            final int from = offsetNumbers.nextUnsignedShort();
            page.linePointer(from, LinePointer.redirectTo(offsetNumbers.nextUnsignedShort()));
        }
    }

    /** Sets line pointers to one without storage: dead, or unused. */
    void set(final PageFlyweight page, final RecordData offsetNumbers, final int count, final int pointer) {
        for (int i = 0; i < count; i++) {
            page.linePointer(offsetNumbers.nextUnsignedShort(), pointer);
        }
    }

    /** Freezes a tuple: the record has both infomasks whole. */
    void freeze(
            final RedoContext redo,
            final int offsetNumber,
            final int xmax,
            final int infomask2,
            final int infomask,
            final int flags) {
        HeapTuples.find(redo, tuple, offsetNumber);
        tuple.xmax(xmax);
        if ((flags & FREEZE_XVAC) != 0) {
            tuple.commandId(HeapTupleFlyweight.FROZEN_XID);
        }
        if ((flags & INVALID_XVAC) != 0) {
            tuple.commandId(0);
        }
        tuple.infomask(infomask);
        tuple.infomask2(infomask2);
    }
}
