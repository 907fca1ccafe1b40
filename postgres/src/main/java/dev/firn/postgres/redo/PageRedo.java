package dev.firn.postgres.redo;

import dev.firn.postgres.wal.WalRecord;

/**
 * One resource manager's changes of relation pages.
 *
 * <p>An implementation changes the page in place exactly as Postgres' redo routine does, the bytes that it leaves in the hole
 * included, and throws {@link dev.firn.postgres.MalformedDataException} or {@link IndexOutOfBoundsException} when record and page don't fit.
 * It never looks at anything but the record and the page.
 */
public interface PageRedo {
    /**
     * Changes the page of a registered block. The page's LSN is below the record's; it has been written before, or is all zeroes when
     * the block is marked WILL_INIT or {@link #takesNewPage} says so.
     *
     * @return what became of the page.
     */
    PageChange apply(RedoContext redo, int block);

    /**
     * Changes a page that was just restored from its image. Nearly always the image has everything.
     *
     * @return whether there was something to change.
     */
    default boolean applyAfterImage(final RedoContext redo, final int block) {
        return false;
    }

    /** Whether redo begins with a page that was never written, although the block is not marked WILL_INIT (RBM_ZERO_ON_ERROR). */
    default boolean takesNewPage(final WalRecord record, final int block) {
        return false;
    }

    /** Whether redo has nothing to do with a registered block, not even to read its page: then the record does not touch it. */
    default boolean ignores(final WalRecord record, final int block) {
        return false;
    }

    /**
     * The registered heap blocks, one bit each, whose visibility map bits the record clears, without having registered the
     * map's page.
     */
    default long clearsAllVisible(final WalRecord record) {
        return 0;
    }

    /** Like {@link #clearsAllVisible}, for those that lose the all-frozen bit only. */
    default long clearsAllFrozen(final WalRecord record) {
        return 0;
    }
}
