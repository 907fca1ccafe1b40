package dev.firn.walquorum.log;

/**
 * What the control file holds.
 *
 * @param number rises with each copy that is written.
 * @param segmentBytes length of the log's segments, settled when it was made.
 * @param frameBytes length of its longest frame, likewise.
 */
record ControlState(
        long number, LogIdentity identity, long segmentBytes, int frameBytes, Promise promise, LogBase base) {}
