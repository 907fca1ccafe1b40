package dev.firn.bench.lake;

/**
 * What Firn's files of a table are made of, as DuckDB reads them.
 *
 * @param allBytes of all files.
 * @param visibleBytes of the files that a query reads.
 * @param hiddenBytes of Firn's own columns in these.
 */
record FileSizes(long allBytes, long visibleBytes, long hiddenBytes) {}
