/**
 * Base backups in the object store: taken from Postgres' replication protocol as they stream, and read back whole or by the range.
 *
 * <pre>
 *   BaseBackupSink     takes the stream: archives, index, manifest, description, in this order
 *   TarReader          reads the archives as they go by
 *   FilesIndex         which file stands where in which archive, with its checksum
 *   BackupManifest     Postgres' own list of files, which the index is held against
 *   BackupDescription  backup.json: what makes a backup complete
 *   BackupSweep        removes what dead attempts have left
 *   BaseBackupReader   opens, verifies, extracts, and reads ranges of files
 * </pre>
 *
 * <p>{@link dev.firn.walquorum.backup.BaseBackupSink} first.
 *
 * <p><b>Owner:</b> a sink and a reader belong to the thread of their session.
 *
 * <p><b>Invariants:</b> a backup without its description does not exist, and the description comes when all else is durable and agrees
 * with Postgres' manifest. No archive is in memory as a whole; what is held is bounded by the buffers of two object writers.
 */
package dev.firn.walquorum.backup;
