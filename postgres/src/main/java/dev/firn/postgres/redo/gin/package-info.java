/**
 * Redo of GIN indexes: the records of access/ginxlog.h.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.gin;
