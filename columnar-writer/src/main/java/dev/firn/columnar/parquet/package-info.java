/**
 * Parquet files: {@link dev.firn.columnar.parquet.ParquetWriter} takes {@link dev.firn.columnar.batch.RowBatch}es and gives bytes to a
 * {@link dev.firn.columnar.parquet.ParquetSink}. Read that class first, then {@link dev.firn.columnar.parquet.ColumnChunkWriter}.
 *
 * <p>Firn's own: levels, pages, statistics, bloom filters, the choice of encodings. The format library's: the thrift structures around them.
 *
 * <p><b>Owner:</b> one thread a writer. <b>Invariants:</b> the same batches and the same configuration give the same bytes, whatever the sink's pace;
 * every page carries its CRC-32; no byte leaves before its row group is whole; memory is what {@link dev.firn.columnar.parquet.ParquetConfig} allows
 * and comes from the region that was passed in.
 */
package dev.firn.columnar.parquet;
