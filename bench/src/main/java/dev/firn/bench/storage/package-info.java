/**
 * Benchmarks of the ring on a real file, beside fio and {@link java.nio.channels.FileChannel}.
 *
 * <p>{@link dev.firn.bench.storage.UringReadBenchmark} and {@link dev.firn.bench.storage.AppendFlushBenchmark} lead the
 * rounds; what is Java is measured in a process of its own ({@link dev.firn.bench.storage.BenchWorker}), which lives for
 * all rounds of a benchmark and waits for its next job while fio is measured. Read {@code RingReadLoop} for what is
 * measured, {@link dev.firn.bench.fio.FioJob} for what it is measured against.
 *
 * <p><b>Invariants:</b> both sides use the same file, the same warm-up and the same duration. The measured loops allocate
 * nothing, and each sample says so. Both sides record the latency of each operation.
 *
 * <p><b>Owner:</b> the suite's thread; in the worker, the main thread owns ring, file and buffers of the job it is at.
 */
package dev.firn.bench.storage;
