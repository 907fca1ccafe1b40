/**
 * Redo of generic WAL records: the records of access/generic_xlog.h.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.generic;
