package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/**
 * One record for all that pruning, vacuuming and freezing do to a page: heap_xlog_prune_freeze of 17, and
 * heap_xlog_deserialize_prune_and_freeze of heapdesc.c. Its three operations only tell who wrote it.
 *
 * <p>The block's data: freeze plans, redirections, dead and unused line pointers, each only when a flag says so; then the offset numbers of
 * the plans' tuples. It is done in another order: the line pointers first.
 */
final class CombinedPruneRedo implements PruneRedo {
    // xl_heap_prune.
    private static final int FLAGS = 1;

    // XLHP_*.
    private static final int CLEANUP_LOCK = 0x04;
    private static final int HAS_FREEZE_PLANS = 0x10;
    private static final int HAS_REDIRECTIONS = 0x20;
    private static final int HAS_DEAD_ITEMS = 0x40;
    private static final int HAS_UNUSED_ITEMS = 0x80;

    // xlhp_freeze_plans: a count and two bytes of padding; then xlhp_freeze_plan each, with a byte of padding before
    // the last field.
    private static final int PLANS = 4;
    private static final int PLAN_BYTES = 12;
    private static final int PLAN_XMAX = 0;
    private static final int PLAN_INFOMASK2 = 4;
    private static final int PLAN_INFOMASK = 6;
    private static final int PLAN_FLAGS = 8;
    private static final int PLAN_COUNT = 10;

    private static final int DEAD_POINTER = LinePointer.of(0, LinePointer.DEAD, 0);

    private final PagePruner pruner;

    CombinedPruneRedo(final PagePruner pruner) {
        this.pruner = pruner;
    }

    @Override
    public void apply(final RedoContext redo, final int operation) {
        final PageFlyweight page = redo.page();
        final int flags = redo.main().unsignedByte(FLAGS);
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        int plans = 0;
        if ((flags & HAS_FREEZE_PLANS) != 0) {
            plans = data.unsignedShort(0);
            data.position(PLANS);
            data.take(plans * PLAN_BYTES);
        }
        int changed = 0;
        if ((flags & HAS_REDIRECTIONS) != 0) {
            final int count = data.nextUnsignedShort();
            pruner.redirect(page, data, count);
            changed += count;
        }
        if ((flags & HAS_DEAD_ITEMS) != 0) {
            final int count = data.nextUnsignedShort();
            pruner.set(page, data, count, DEAD_POINTER);
            changed += count;
        }
        if ((flags & HAS_UNUSED_ITEMS) != 0) {
            final int count = data.nextUnsignedShort();
            pruner.set(page, data, count, LinePointer.UNUSED_POINTER);
            changed += count;
        }
        if (changed > 0) {
            finish(redo, flags);
        }
        freeze(redo, data, plans);
        data.requireEnd();
    }

    /** Without a cleanup lock, no tuple may move: then dead line pointers became unused, and only their array gets shorter. */
    private static void finish(final RedoContext redo, final int flags) {
        if ((flags & CLEANUP_LOCK) == 0) {
            PageEditor.truncateLinePointers(redo.page());
        } else {
            redo.editor().repairFragmentation(redo.page());
        }
    }

    private void freeze(final RedoContext redo, final RecordData data, final int plans) {
        for (int plan = PLANS; plan < PLANS + plans * PLAN_BYTES; plan += PLAN_BYTES) {
            final int xmax = data.intAt(plan + PLAN_XMAX);
            final int infomask2 = data.unsignedShort(plan + PLAN_INFOMASK2);
            final int infomask = data.unsignedShort(plan + PLAN_INFOMASK);
            final int flags = data.unsignedByte(plan + PLAN_FLAGS);
            for (int left = data.unsignedShort(plan + PLAN_COUNT); left > 0; left--) {
                pruner.freeze(redo, data.nextUnsignedShort(), xmax, infomask2, infomask, flags);
            }
        }
    }
}
