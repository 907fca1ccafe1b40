/**
 * WAL and a base backup become entries: of pages, SLRU pages, sizes, floors, and all else that a cluster has.
 *
 * <p>{@link dev.firn.pagestore.ingest.Ingest} first: it takes the log and fills the memory table, by the rules of Postgres' recovery.
 * {@link dev.firn.pagestore.ingest.HeadState} is what it has to know for that, and what reads have to: how long relations are now, and the
 * floors. {@link dev.firn.pagestore.ingest.BaseImport} tells the state of a base backup, but for its pages, as entries.
 * {@link dev.firn.pagestore.ingest.SlruChanges} applies one kind of entry; {@link dev.firn.pagestore.ingest.ClusterEntry} and {@link
 * dev.firn.pagestore.ingest.CommitTimes} say what is in two others.
 *
 * <p><b>Owner:</b> the shard's thread.
 *
 * <p><b>Invariants:</b> all entries of a record are in the table before the applied LSN moves past it, and none when the record is refused; of a
 * key there is at most one entry at an LSN.
 */
package dev.firn.pagestore.ingest;
