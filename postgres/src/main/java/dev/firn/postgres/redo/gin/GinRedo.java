package dev.firn.postgres.redo.gin;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/** Redo of GIN indexes. */
public final class GinRedo implements PageRedo {
    private final PostgresVersion version;

    /** Redo of a version's records. */
    public GinRedo(final PostgresVersion version) {
        this.version = version;
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        throw redo.misfit("nothing is redone yet for " + version);
    }
}
