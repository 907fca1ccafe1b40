package dev.firn.walquorum.pgwire;

/**
 * A finished base backup: it is consistent once WAL has been replayed up to {@code endLsn}.
 *
 * @param startLsn where replay begins: the redo position of the backup's checkpoint.
 */
public record BaseBackupEnd(long startLsn, long startTimeline, long endLsn, long endTimeline) {}
