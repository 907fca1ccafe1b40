package dev.firn.walquorum.pgwire;

/**
 * A physical replication slot.
 *
 * @param restartLsn      the oldest WAL that it keeps; {@code Lsn.INVALID} while it keeps none.
 * @param restartTimeline the timeline of that position; 0 while there is none.
 */
public record SlotState(String name, long restartLsn, long restartTimeline) {}
