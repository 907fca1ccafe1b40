/**
 * Redo of BRIN indexes: the records of access/brin_xlog.h.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.brin;
