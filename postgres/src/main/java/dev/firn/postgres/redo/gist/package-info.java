/**
 * Redo of GiST indexes: the records of access/gistxlog.h.
 *
 * <p>Read {@code GistRedo} first: it takes records apart by operation. {@code GistPage} is the layout of their pages.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.gist;
