/**
 * The WAL quorum without Postgres, beside the disk that it writes to: {@link dev.firn.bench.quorum.WalRttBenchmark} (how long one append
 * takes) and {@link dev.firn.bench.quorum.WalStreamBenchmark} (how much goes through).
 *
 * <p>{@link dev.firn.bench.quorum.QuorumBed} is the quorum: three WAL nodes, each an agent with a directory of its own, and a writer,
 * which talk by shared memory. {@link dev.firn.bench.quorum.PlainFiles} is the rival: three files that one ring writes durably. All
 * live in one process ({@link dev.firn.bench.quorum.QuorumWorker}), so that both meet the same moment of the same disk.
 *
 * <p><b>Owner:</b> the process' main thread drives writer and rival; each node has a thread of its own.
 */
package dev.firn.bench.quorum;
