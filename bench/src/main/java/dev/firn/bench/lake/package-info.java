/**
 * Tables of Postgres as Parquet: {@link dev.firn.bench.lake.TranscodeBenchmark}, {@link dev.firn.bench.lake.CompressionBenchmark} and
 * {@link dev.firn.bench.lake.RebuildBenchmark}, on the tables of a {@link dev.firn.bench.lake.LakeCorpus}, which a real Postgres makes.
 *
 * <p>Firn reads heap pages of the data directory, checks visibility, and writes rows with their hidden columns and the residue of pages. The rivals
 * have the rows in memory, as columns, before the clock starts, and write the users' columns alone.
 *
 * <p><b>Owner:</b> each process' one thread. <b>Invariants:</b> all sides write the same rows, which DuckDB compares; all with zstd, level 3; no file
 * is synced.
 */
package dev.firn.bench.lake;
