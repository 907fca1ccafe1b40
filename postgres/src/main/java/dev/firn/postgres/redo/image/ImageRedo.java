package dev.firn.postgres.redo.image;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;

/** Redo of full-page images. */
public final class ImageRedo implements PageRedo {
    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        throw redo.unknownOperation();
    }
}
