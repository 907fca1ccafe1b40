package dev.firn.postgres.redo.heap;

import dev.firn.postgres.redo.RedoContext;

/** Redo of Heap2's operations from 0x10 to 0x30: pruning, vacuuming and freezing, whose records changed between versions. */
interface PruneRedo {
    /** Changes the heap page. Its LSN moves. */
    void apply(RedoContext redo, int operation);
}
