package dev.firn.postgres.redo.sequence;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;

/** Redo of sequences. */
public final class SequenceRedo implements PageRedo {
    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        throw redo.unknownOperation();
    }
}
