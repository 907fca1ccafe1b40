/**
 * The WAL archive: finished segments and timeline histories in the object store, under the names that Postgres gives them.
 *
 * <p>{@link dev.firn.walquorum.archive.ArchiveAgent} is what a WAL node runs. {@link dev.firn.walquorum.archive.SegmentArchiver}
 * first: what is done for each log. It takes committed WAL from {@link dev.firn.walquorum.archive.CommittedWal}, which {@code ReaderWal}
 * brings from the nodes; {@code SegmentWindow} says what is to be done by whom and when, {@code SegmentPut}
 * carries one segment. {@link dev.firn.walquorum.archive.ArchiveReader} reads WAL back,
 * {@link dev.firn.walquorum.archive.ArchiveContents} says what is there and what is missing,
 * {@link dev.firn.walquorum.archive.HistoryArchive} keeps histories.
 *
 * <p><b>Owner:</b> an archiver, a reader and a history archive belong to the thread of their session. {@code archivedLsn} and the
 * counters may be read from any thread.
 *
 * <p><b>Invariants:</b> a segment below {@code archivedLsn} is in the store, whole. A segment is written once: conditionally, and
 * never over another. Nothing is read ahead that cannot be put: while the store is away, the log keeps the WAL, and memory is
 * bounded by {@link dev.firn.walquorum.archive.ArchiveConfig#slots()} segments.
 */
package dev.firn.walquorum.archive;
