/**
 * Rows on their way to the lake, column by column: {@link dev.firn.columnar.batch.RowBatch} of {@link dev.firn.columnar.batch.ColumnVector}s, as
 * {@link dev.firn.columnar.batch.ColumnField} describes them.
 *
 * <p><b>Layout:</b> Arrow's, in Firn's own off-heap memory: validity bitmaps, values of a fixed width close together, bytes with 32-bit offsets,
 * children of lists and structs as vectors of their own, everything little-endian. Arrow's Java library is not used; the decision page says why.
 *
 * <p><b>Owner:</b> one thread fills a batch and hands it to the writer, which is done with it when its method returns; then it is cleared and filled
 * again. <b>Invariants:</b> a null takes a zero of the width, or no bytes; so equal rows are equal bytes. A struct that is null has nulls in its
 * children.
 */
package dev.firn.columnar.batch;
