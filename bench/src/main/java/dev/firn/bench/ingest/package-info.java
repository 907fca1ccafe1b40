/**
 * Benchmark of ingest: a log that Postgres wrote becomes the entries and layers of a page store, beside stock Postgres' recovery of the same log.
 *
 * <p>{@link dev.firn.bench.ingest.IngestRun} is the page store: shard and housekeeper of production over a store in a directory, a thread each.
 *
 * <p><b>Owner:</b> a run belongs to the thread that carries it out, which is the shard's; the housekeeper's is its own.
 */
package dev.firn.bench.ingest;
