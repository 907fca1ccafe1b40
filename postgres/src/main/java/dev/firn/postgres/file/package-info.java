/**
 * Postgres' files besides relation pages, and where everything lies in a data directory: control file, relation map, SLRU segments,
 * two-phase state files, relation paths.
 *
 * <p>Flyweights over memory that somebody else owns; reading and writing the files is for the caller, and each class says what Postgres
 * asks of that (size, atomicity, order). A flyweight belongs to one thread. Checksums are verified by {@code verify} and written by
 * {@code seal}; bytes that fail are a {@link dev.firn.postgres.MalformedDataException}.
 *
 * <p>Read {@link dev.firn.postgres.file.ControlFile} first, and {@link dev.firn.postgres.file.RelationPath} for names.
 */
package dev.firn.postgres.file;
