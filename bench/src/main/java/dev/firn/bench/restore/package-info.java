/**
 * Benchmark of restores: a data directory written from the page server's pages, beside {@code pg_basebackup} of the primary with the same data.
 *
 * <p>{@link dev.firn.bench.restore.RestoreBenchmark} is the measurement, {@link dev.firn.bench.restore.FollowedCluster} what it is made on: a Postgres
 * with a whole system of Firn behind it, each a process as a user starts it.
 *
 * <p><b>Owner:</b> the thread that runs the suite.
 */
package dev.firn.bench.restore;
