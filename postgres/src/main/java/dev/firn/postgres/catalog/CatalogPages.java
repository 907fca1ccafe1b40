package dev.firn.postgres.catalog;

import dev.firn.postgres.source.RelationPages;
import dev.firn.postgres.source.SlruPages;

/** The pages of one cluster at one LSN, and its relation maps. Calls may block; what cannot be read is an exception with a sentence. */
public interface CatalogPages extends RelationPages, SlruPages {
    /** The bytes of a relation map: of the shared one in the tablespace {@code global}, with database 0. */
    byte[] relationMap(int tablespace, int database);
}
