/**
 * Postgres' on-disk formats and the redo engine: WAL records, pages, tuples, control file, system catalogs. No I/O and no
 * threads: it is given memory and answers.
 *
 * <p>{@code version} is the table of what differs between majors. {@code wal} reads
 * records from bytes as they arrive; read {@code WalReader} first. {@code page} has pages, tuples and the visibility and free space
 * maps; {@code file} the control file, relation maps, SLRUs, two-phase state and paths; {@code compression} what images and TOAST
 * values need; {@code lsn} positions in the WAL. Bytes that Postgres would not have written are a
 * {@link dev.firn.postgres.MalformedDataException}, whatever they are.
 */
package dev.firn.postgres;
