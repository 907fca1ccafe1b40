package dev.firn.nativeio.simulation;

import java.util.List;

/**
 * What a sync covers, taken when it starts.
 *
 * @param sectors the dirty sectors, each with its version in {@code versions}.
 * @param lengthBytes the file's length then.
 * @param sequence the last change to the file's length or content then.
 * @param failures how many syncs of the file had failed by then: one more since, and this one fails too.
 */
record SyncSnapshot(
        List<Sector> sectors, List<Sector.Version> versions, long lengthBytes, long sequence, int failures) {}
