package dev.firn.pagestore.replay;

import java.lang.foreign.MemorySegment;

/** Where pages come from that no record has changed yet. */
@FunctionalInterface
interface PageSource {
    /**
     * Reads a page; zeroes when it was never written.
     *
     * @param owner what the page is of: see {@link PageTable}.
     * @param page all of it is written.
     */
    void read(int owner, int block, MemorySegment page);
}
