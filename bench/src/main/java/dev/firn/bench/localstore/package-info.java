/**
 * The object store in a local directory, beside what anyone would do with the same file system.
 *
 * <p>{@link dev.firn.bench.localstore.LocalStoreBenchmark} first. {@code LocalRunner} carries out what is Java, ours and the rival's, in a
 * process of its own.
 *
 * <p><b>Invariants:</b> both sides move the same bytes on the same file system, and each object is durable, with its name, when it is
 * counted. Every job begins with an empty directory and leaves none.
 *
 * <p><b>Owner:</b> the suite's thread; in the worker, the thread that answers, and the rival's own threads.
 */
package dev.firn.bench.localstore;
