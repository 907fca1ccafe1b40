package dev.firn.postgres.catalog;

import dev.firn.postgres.file.RelFileLocator;

/**
 * A relation: a row of pg_class, with the place that its tablespace, database and relation map make of it.
 *
 * @param kind relkind: {@code r}, {@code i}, {@code t}, …
 * @param persistence relpersistence: {@code p}, {@code u}, {@code t}.
 * @param locator null when it has no storage, as views have none.
 */
public record RelationRow(int oid, String name, int schema, char kind, char persistence, RelFileLocator locator) {}
