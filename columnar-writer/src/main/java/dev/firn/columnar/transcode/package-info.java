/**
 * Heap pages to Parquet: the rows of a relation's blocks, by the catalogs of their LSN, as columns of the lake.
 *
 * <p>{@link dev.firn.columnar.transcode.LakeDatabase} first, which reads the catalogs and says what a table is read through; then a {@link
 * dev.firn.columnar.transcode.RelationTranscoder} for each. What types become is docs/types.md, what the files are docs/lake-files.md.
 *
 * <p><b>Owner:</b> one thread a transcoder; nothing is allocated for a row or a value.
 */
package dev.firn.columnar.transcode;
