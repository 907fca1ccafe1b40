package dev.firn.postgres.redo;

import dev.firn.postgres.page.PageFlyweight;

/** What of a page a resource manager's records don't determine: rm_mask of access/rmgrlist.h. */
@FunctionalInterface
public interface PageMask {
    /**
     * Overwrites in place what is not to be compared; both sides are masked by the same mask.
     *
     * @param page a copy of a page that has been written.
     * @param block its block number, which some masks need.
     */
    void mask(PageFlyweight page, int block);
}
