package dev.firn.postgres.source;

import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/** The pages of relations at one LSN. */
public interface RelationPages {
    /** How many blocks a fork has; 0 also when it isn't there. */
    long blocks(RelFileLocator relation, Fork fork);

    /** Reads a page that is there: 8,192 bytes. */
    void page(RelFileLocator relation, Fork fork, long block, MemorySegment into);

    /** Reads pages that follow each other and are there, one behind the other. */
    default void pages(
            final RelFileLocator relation,
            final Fork fork,
            final long first,
            final int count,
            final MemorySegment into) {
        for (int i = 0; i < count; i++) {
            page(relation, fork, first + i, into.asSlice((long) i * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES));
        }
    }
}
