package dev.firn.walquorum.pgwire.conninfo;

/**
 * TCP keepalive; a time or count of 0 leaves it to the system.
 *
 * @param idleSeconds     until the first probe.
 * @param intervalSeconds between probes.
 * @param count           of probes without an answer, until the connection is given up.
 */
public record Keepalives(boolean isOn, int idleSeconds, int intervalSeconds, int count) {}
