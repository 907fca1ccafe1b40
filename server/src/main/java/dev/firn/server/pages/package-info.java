/**
 * The page server: a role that ingests the WAL of each attached timeline into a shard, and answers requests about pages; and what
 * commands ask of it.
 *
 * <p><b>Owner:</b> one agent owns the shard, the endpoint, the sessions of the object store and the readers of WAL; the housekeeper
 * has a thread of its own. Statuses are values that any thread may read.
 *
 * <p><b>Invariants:</b> the WAL nodes are told to keep what is not in the object store yet; what they have trimmed all the same
 * comes from the archive.
 */
package dev.firn.server.pages;
