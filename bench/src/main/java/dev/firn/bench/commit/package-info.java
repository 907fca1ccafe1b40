/**
 * What a commit costs a stock Postgres when it waits for others: {@link dev.firn.bench.commit.WalCommitBenchmark} first. pgbench makes the
 * load; a {@link dev.firn.bench.commit.CommitSide} is a Postgres with what its commits wait for: Firn's quorum, two standbys, or
 * nobody.
 *
 * <p><b>Invariants:</b> all sides begin with copies of the same data directory and have the same settings, but for those that say
 * what a commit waits for. While one is measured, the others are up and idle. Every process is one of the run's, and ends with it.
 *
 * <p><b>Owner:</b> the thread that runs the suite.
 */
package dev.firn.bench.commit;
