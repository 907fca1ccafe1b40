package dev.firn.nativeio.simulation;

import java.util.List;

/**
 * What a sync of a directory covers, taken when it starts.
 *
 * @param changes the unsynced changes that touch it.
 * @param failures how many of its syncs had failed by then.
 */
record DirectorySync(Directory directory, List<EntryChange> changes, int failures) {}
