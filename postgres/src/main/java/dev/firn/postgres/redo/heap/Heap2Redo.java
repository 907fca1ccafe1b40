package dev.firn.postgres.redo.heap;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/** Redo of heap tables. */
public final class Heap2Redo implements PageRedo {
    private final PostgresVersion version;

    /** Redo of a version's records. */
    public Heap2Redo(final PostgresVersion version) {
        this.version = version;
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        throw redo.misfit("nothing is redone yet for " + version);
    }
}
