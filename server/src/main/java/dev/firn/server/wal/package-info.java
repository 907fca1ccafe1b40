/**
 * WAL in files: which file of a directory holds which part of the log, and the commands' way through it.
 *
 * <p>{@link dev.firn.server.wal.WalDirectory} is what was found when the directory was listed; {@link
 * dev.firn.server.wal.WalFiles} opens one segment at a time and feeds a {@link dev.firn.postgres.wal.WalReader}. Files are
 * read, not mapped: one that is cut while it is read ends the log, and does not end the process. Used by the thread of one
 * command; nothing is written.
 *
 * <p>And WAL in the object store and with the WAL nodes: {@link dev.firn.server.wal.ArchivedTimeline} is one log, {@link
 * dev.firn.server.wal.ArchivedChain} a branch's with those that it goes on from, {@link dev.firn.server.wal.WalFetch} reads them.
 */
package dev.firn.server.wal;
