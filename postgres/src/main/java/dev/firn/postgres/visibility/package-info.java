/**
 * Which row versions are there at an LSN.
 *
 * <p>{@link dev.firn.postgres.visibility.RowVisibility} first. A commit log that was replayed up to the LSN says it all: what has committed there
 * is there, and everything else, in progress, prepared or aborted, is not. Pages of commit log and multixacts are kept once they were read, up
 * to a limit ({@link dev.firn.postgres.visibility.SlruCache}).
 *
 * <p>One thread owns an instance; nothing is allocated for a row.
 */
package dev.firn.postgres.visibility;
