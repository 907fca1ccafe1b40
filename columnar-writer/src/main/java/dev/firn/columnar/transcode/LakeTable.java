package dev.firn.columnar.transcode;

import dev.firn.postgres.catalog.RelationRow;

/** A relation with rows: a table, a partition, a materialised view. */
public record LakeTable(String schema, RelationRow relation) {
    /** As {@code public.accounts}. */
    public String name() {
        return schema + '.' + relation.name();
    }
}
