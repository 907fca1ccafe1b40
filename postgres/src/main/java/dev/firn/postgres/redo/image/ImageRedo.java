package dev.firn.postgres.redo.image;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.wal.WalRecord;

/**
 * Redo of XLOG's records as far as they have pages: FPI and FPI_FOR_HINT of catalog/pg_control.h, as xlog_redo of xlog.c takes them.
 *
 * <p>Their pages come from images, which {@link dev.firn.postgres.redo.Redo} has restored before it would ask here. What is left are
 * the blocks without one: hints may be logged so where {@code full_page_writes} is off, and there is nothing to redo then.
 */
public final class ImageRedo implements PageRedo {
    private static final int FPI_FOR_HINT = 0xA0;
    private static final int FPI = 0xB0;

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        requireImages(redo, block);
        redo.requireNoInit(block);
        if (redo.record().hasImage(block)) {
            throw redo.misfit("the image is not one to be applied, and there is nothing else to redo");
        }
        if (redo.operation() == FPI) {
            throw redo.misfit("the record has no image of the page");
        }
        return PageChange.NONE;
    }

    /** A hint without image asks for nothing: xlog_redo passes over the block before it would read the page. */
    @Override
    public boolean ignores(final WalRecord record, final int block) {
        return record.operation() == FPI_FOR_HINT && !record.hasImage(block);
    }

    /** An image that is not there is an error, or nothing at all, on a page that was never written too. */
    @Override
    public boolean takesNewPage(final WalRecord record, final int block) {
        return true;
    }

    @Override
    public boolean applyAfterImage(final RedoContext redo, final int block) {
        requireImages(redo, block);
        return false;
    }

    private static void requireImages(final RedoContext redo, final int block) {
        if (redo.operation() != FPI && redo.operation() != FPI_FOR_HINT) {
            throw redo.unexpectedBlock(block);
        }
    }
}
