/**
 * Redo of GIN indexes: the records of access/ginxlog.h.
 *
 * <p>Read {@code GinRedo} first: it takes records apart by operation. {@code GinPage} is the layout of their pages;
 * {@code PostingTreeLeafRedo} changes the compressed posting lists of a posting tree's leaves.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.gin;
