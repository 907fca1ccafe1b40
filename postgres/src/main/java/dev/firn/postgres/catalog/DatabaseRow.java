package dev.firn.postgres.catalog;

/**
 * A database: a row of pg_database.
 *
 * @param tablespace where its relations lie that name none of their own.
 * @param encoding what its text is in, by Postgres' number: {@link #UTF8} and so on.
 */
public record DatabaseRow(int oid, String name, int tablespace, int encoding) {
    /** PG_SQL_ASCII of mb/pg_wchar.h: bytes that nobody has checked. */
    public static final int SQL_ASCII = 0;

    /** PG_UTF8. */
    public static final int UTF8 = 6;
}
