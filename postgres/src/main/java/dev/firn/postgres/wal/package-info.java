/**
 * The write-ahead log: bytes in, records out.
 *
 * <p>{@link dev.firn.postgres.wal.WalReader} is fed bytes as they come, in pieces of any size, and steps through them: a
 * record, "needs bytes from here", or the end with its reason. It recognises the end of the log as Postgres' own
 * xlogreader.c does, check by check and in its order. {@link dev.firn.postgres.wal.WalRecord} is a flyweight over the
 * record that the reader stands on.
 *
 * <p>Invariants: no file and no thread is touched here; one thread at a time uses a reader and its record. A record that
 * lies whole in the fed bytes is read in place; one that crosses a page or the end of what was fed is put together in a
 * buffer that belongs to the reader and is used again. Nothing is allocated for a record. Nothing of a record is believed
 * before its CRC fits, but its length, of which no more memory is taken than bytes have come. Whatever the bytes, no access
 * leaves them and every loop ends.
 *
 * <p>What differs between majors is data: the page magic ({@link dev.firn.postgres.version.PostgresVersion}), the names of
 * operations ({@link dev.firn.postgres.wal.WalOperations}), the flag bits of page images (ImageBits). LSNs are longs, and
 * are compared as signed: Postgres would take longer than any machine lives to pass the sign bit.
 *
 * <p>Read first: WalReader.
 */
package dev.firn.postgres.wal;
