package dev.firn.postgres.file;

/**
 * Where a relation is stored (RelFileLocator of storage/relfilelocator.h; RelFileNode until 15). The numbers are uint32 in an int.
 *
 * @param tablespace OID of the tablespace.
 * @param database OID of the database; 0 for shared relations.
 * @param relfilenode the file's number.
 */
public record RelFileLocator(int tablespace, int database, int relfilenode) {
    /** DEFAULTTABLESPACE_OID: {@code base}. */
    public static final int DEFAULT_TABLESPACE = 1663;

    /** GLOBALTABLESPACE_OID: {@code global}. */
    public static final int GLOBAL_TABLESPACE = 1664;

    /** Postgres' way to write it: {@code 1663/5/16384}. */
    @Override
    public String toString() {
        return Integer.toUnsignedString(tablespace)
                + '/'
                + Integer.toUnsignedString(database)
                + '/'
                + Integer.toUnsignedString(relfilenode);
    }
}
