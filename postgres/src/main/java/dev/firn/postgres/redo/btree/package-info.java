/**
 * Redo of btree indexes: the records of access/nbtxlog.h.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.btree;
