/**
 * WAL read and replayed beside stock Postgres. Read
 * {@link dev.firn.bench.replay.WalDecodeBenchmark} first. Firn's side runs in a process of its own, {@link dev.firn.bench.replay.ReplayWorker},
 * on one thread; the rival is stock Postgres' own program on the same files.
 *
 * <p><b>Owner:</b> the suite's thread; in the worker, the one thread that answers.
 */
package dev.firn.bench.replay;
