/**
 * The transcoder: heap pages to exact Parquet, and back.
 *
 * <p>From the inside out: {@link dev.firn.columnar.kernel} has the loops over values, {@link dev.firn.columnar.encoding} the encodings of a page,
 * {@link dev.firn.columnar.batch} the columns of rows that are handed over, {@link dev.firn.columnar.parquet} the file. Why it is not Parquet's own
 * writer: docs/decisions/2026-11-22-parquet-writer.md.
 */
package dev.firn.columnar;
