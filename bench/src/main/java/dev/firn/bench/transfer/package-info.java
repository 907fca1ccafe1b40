/**
 * Operations on an object store, kept in flight and measured: what the benchmarks of S3 and of the local directory share.
 *
 * <p>{@link dev.firn.bench.transfer.TransferClient} is what a side of a comparison is, {@link dev.firn.bench.transfer.SessionClient} ours;
 * {@link dev.firn.bench.transfer.TransferWorker} carries out {@link dev.firn.bench.transfer.TransferJob}s with either.
 *
 * <p><b>Invariants:</b> operations are begun until the time is over and those on their way are waited for, so that what is counted has
 * ended. What is read is checked: all of it in a warm-up, samples of it in what is measured.
 *
 * <p><b>Owner:</b> the thread that answers the suite; a slot belongs to whoever carries out its operation.
 */
package dev.firn.bench.transfer;
