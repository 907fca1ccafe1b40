package dev.firn.walquorum.pgwire;

/**
 * A timeline's history file, as the server has it.
 *
 * @param fileName as in {@code pg_wal}: {@code 00000002.history}.
 */
public record TimelineHistory(String fileName, byte[] content) {}
