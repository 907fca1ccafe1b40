/**
 * Replays WAL over a cold copy of a data directory: what Postgres' own recovery does, in process, with the pages in off-heap memory.
 *
 * <p>The base directory is read page by page as records ask for its pages, and never written. {@link
 * dev.firn.pagestore.replay.Replay} takes records one after the other and changes a {@code ReplayState}: {@code PageTable} has the pages that
 * were touched (frames, and a spill file for those that don't fit), {@code RelationSizes} which relations there are and how long they are,
 * {@code SlruPages} the SLRUs, {@code DatabaseFiles} relation maps and databases, {@code PreparedTransactions} and
 * {@code ClusterProgress} the rest. The rules of reading pages in recovery (xlogutils.c) are in {@code PageReplay}, those of everything else in
 * {@link dev.firn.pagestore.cluster.RecoverySink}, which changes the state by way of {@code ReplayTarget}. {@link dev.firn.pagestore.replay.Verification} compares each page with the image that the record carries of it; {@code
 * DirectoryWriter} writes the outcome as a data directory that stock Postgres starts on.
 *
 * <p>One thread owns a replay and all that belongs to it. A record that meets pages in memory allocates nothing. Memory is bounded by the
 * frames; the spill file by the pages that changed.
 *
 * <p>Read {@link dev.firn.pagestore.replay.Replay} first.
 */
package dev.firn.pagestore.replay;
