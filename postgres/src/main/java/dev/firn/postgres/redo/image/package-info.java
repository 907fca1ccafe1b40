/**
 * Redo of full-page images: XLOG records of catalog/pg_control.h.
 *
 * <p>Functions over the page and the record that they are given; see {@link dev.firn.postgres.redo.PageRedo}.
 */
package dev.firn.postgres.redo.image;
