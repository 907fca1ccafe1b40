package dev.firn.postgres.catalog;

import dev.firn.postgres.file.RelFileLocator;

/** Which blocks of a main fork have changed between the LSN that was read before and the one that is read now. */
public interface ChangedBlocks {
    /** Whether a block that was there before may have changed. True costs a read; false when it has changed is wrong. */
    boolean mayHaveChanged(RelFileLocator relation, long block);
}
