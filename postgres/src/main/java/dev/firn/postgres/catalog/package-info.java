/**
 * The system catalogs, read from their own pages: which database, schema and table a name means, and where the relation is stored.
 *
 * <p>{@link dev.firn.postgres.catalog.CatalogReader} first. What it reads through is a {@link dev.firn.postgres.catalog.CatalogPages}: the
 * pages of one cluster at one LSN. A row counts when the transaction that made it had committed at that LSN and none that deleted
 * it had ({@link dev.firn.postgres.visibility.RowVisibility}): what a new snapshot would see there.
 *
 * <p>{@link dev.firn.postgres.catalog.DatabaseCatalog} holds what the catalogs of a database say: relations, attributes, types. It is built
 * once, and moved to later LSNs by reading only blocks that changed, or that had rows of transactions that had not ended.
 *
 * <p>For commands and control paths: rows become objects. One thread owns a reader.
 */
package dev.firn.postgres.catalog;
