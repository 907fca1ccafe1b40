package dev.firn.walquorum.pgwire;

/**
 * The answer to IDENTIFY_SYSTEM.
 *
 * @param systemIdentifier of the cluster, unsigned: the same on a primary and all its standbys.
 * @param timeline         the current one.
 * @param flushLsn         end of what the server has flushed.
 */
public record SystemIdentity(long systemIdentifier, long timeline, long flushLsn) {}
