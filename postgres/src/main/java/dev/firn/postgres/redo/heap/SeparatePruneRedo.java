package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/** PRUNE, VACUUM and FREEZE_PAGE, each with a record of its own: heap_xlog_prune, heap_xlog_vacuum and heap_xlog_freeze_page of 15. */
final class SeparatePruneRedo implements PruneRedo {
    private static final int PRUNE = 0x10;
    private static final int VACUUM = 0x20;
    private static final int FREEZE_PAGE = 0x30;

    // xl_heap_prune.
    private static final int PRUNE_REDIRECTED = 4;
    private static final int PRUNE_DEAD = 6;

    // xl_heap_freeze_page.
    private static final int FREEZE_COUNT = 4;

    private static final int DEAD_POINTER = LinePointer.of(0, LinePointer.DEAD, 0);

    private final PagePruner pruner;

    SeparatePruneRedo(final PagePruner pruner) {
        this.pruner = pruner;
    }

    @Override
    public void apply(final RedoContext redo, final int operation) {
        switch (operation) {
            case PRUNE -> prune(redo);
            case VACUUM -> vacuum(redo);
            case FREEZE_PAGE -> freezePage(redo);
            default -> throw redo.unknownOperation();
        }
    }

    /** How many become unused is not told: they are the rest. */
    private void prune(final RedoContext redo) {
        final PageFlyweight page = redo.page();
        final RecordData main = redo.main();
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        pruner.redirect(page, data, main.unsignedShort(PRUNE_REDIRECTED));
        pruner.set(page, data, main.unsignedShort(PRUNE_DEAD), DEAD_POINTER);
        pruner.set(page, data, data.remaining() / Short.BYTES, LinePointer.UNUSED_POINTER);
        data.requireEnd();
        redo.editor().repairFragmentation(page);
    }

    private void vacuum(final RedoContext redo) {
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        pruner.set(redo.page(), data, redo.main().unsignedShort(0), LinePointer.UNUSED_POINTER);
        data.requireEnd();
        PageEditor.truncateLinePointers(redo.page());
    }

    /** An array of xl_heap_freeze_tuple, each with a byte of padding at its end. */
    private void freezePage(final RedoContext redo) {
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        for (int left = redo.main().unsignedShort(FREEZE_COUNT); left > 0; left--) {
            final int xmax = data.nextInt();
            final int offsetNumber = data.nextUnsignedShort();
            final int infomask2 = data.nextUnsignedShort();
            final int infomask = data.nextUnsignedShort();
            final int flags = data.nextUnsignedByte();
            data.take(1);
            pruner.freeze(redo, offsetNumber, xmax, infomask2, infomask, flags);
        }
        data.requireEnd();
    }
}
