package dev.firn.walquorum.backup;

/**
 * Which server a base backup comes from.
 *
 * @param systemIdentifier of the cluster, unsigned.
 * @param postgresMajor one that Firn reads.
 * @param postgresVersion as the server says it.
 */
public record BackupSource(long systemIdentifier, int postgresMajor, String postgresVersion) {}
