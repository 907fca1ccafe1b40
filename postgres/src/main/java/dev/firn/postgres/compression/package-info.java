/**
 * Decompression of what Postgres compresses: full-page images in the WAL (pglz, lz4, zstd) and TOAST values (pglz, lz4).
 *
 * <p>Read {@link dev.firn.postgres.compression.Decompressor} first. One instance belongs to one thread. It never reads or
 * writes outside the ranges that it is given; input that does not decompress to exactly the promised length is a
 * {@link dev.firn.postgres.MalformedDataException}, and the target's content is then undefined.
 */
package dev.firn.postgres.compression;
