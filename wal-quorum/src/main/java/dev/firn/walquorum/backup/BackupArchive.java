package dev.firn.walquorum.backup;

/**
 * One tar archive of a base backup.
 *
 * @param name its object's, within the backup's prefix: {@code base.tar}, or a tablespace's oid and {@code .tar}.
 * @param tablespaceOid 0 for the data directory.
 * @param location where the tablespace was on the server; empty for the data directory.
 * @param lengthBytes of the object.
 * @param crc CRC-32C of the object.
 */
public record BackupArchive(String name, long tablespaceOid, String location, long lengthBytes, int crc) {
    /** What its files' paths begin with, seen from the data directory. */
    String pathPrefix() {
        return tablespaceOid == 0 ? "" : "pg_tblspc/" + tablespaceOid + "/";
    }
}
