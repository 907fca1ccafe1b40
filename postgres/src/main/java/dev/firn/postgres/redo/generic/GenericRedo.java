package dev.firn.postgres.redo.generic;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;

/** Redo of generic WAL records. */
public final class GenericRedo implements PageRedo {
    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        throw redo.unknownOperation();
    }
}
