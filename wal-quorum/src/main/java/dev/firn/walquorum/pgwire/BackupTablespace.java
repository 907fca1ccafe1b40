package dev.firn.walquorum.pgwire;

/**
 * A tablespace within a base backup.
 *
 * @param oid      0 for the data directory itself.
 * @param location where it is on the server; empty for the data directory itself.
 * @param sizeKiB  about how large it is; -1 when that was not asked for.
 */
public record BackupTablespace(long oid, String location, long sizeKiB) {}
