package dev.firn.bench.replay;

import com.sun.management.ThreadMXBean;
import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.replay.Replay;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.pagestore.replay.ReplayResult;
import dev.firn.postgres.lsn.Lsn;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** The process that carries out {@link ReplayJob}s, all on its main thread. It keeps the log that it read last. */
public final class ReplayWorker {
    private static final long SEGMENT_MEMORY_BYTES = 64 << 20;

    private final Clock clock;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private LoadedWal loaded;

    ReplayWorker(final Clock clock) {
        this.clock = clock;
    }

    public static void main(final String[] arguments) throws IOException {
        final ReplayWorker worker = new ReplayWorker(SystemClock.INSTANCE);
        new WorkerLoop<>(ReplayJob.class, worker::run).serve(System.in, System.out);
    }

    private ReplayMeasurement run(final ReplayJob job) throws IOException, BenchmarkException {
        return switch (job) {
            case ReplayJob.Decode decode -> decode(decode);
            case ReplayJob.Replay replay -> replay(replay);
        };
    }

    ReplayMeasurement decode(final ReplayJob.Decode job) throws IOException, BenchmarkException {
        final LoadedWal wal = load(job);
        passes(wal, job.warmupNs());
        return passes(wal, job.measureNs());
    }

    /** From the first record that is read to the last that is applied; opening the base and memory is before, as in stock's message. */
    private ReplayMeasurement replay(final ReplayJob.Replay job) throws BenchmarkException {
        final Corpus corpus = job.corpus();
        final ReplayConfig config = new ReplayConfig(
                corpus.base(), job.pageMemoryBytes(), corpus.base().getParent(), Long.MAX_VALUE, clock);
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("bench-segment", SEGMENT_MEMORY_BYTES));
                SegmentFiles files = new SegmentFiles(corpus, memory);
                Replay replay = Replay.open(config)) {
            final long allocated = threads.getCurrentThreadAllocatedBytes();
            final long cpuNs = threads.getCurrentThreadCpuTime();
            final long startNs = clock.nanoTime();
            final ReplayResult result = replay.run(files, ReplayListener.NONE);
            final ReplayMeasurement measurement = new ReplayMeasurement(
                    corpus.walBytes(),
                    result.records(),
                    clock.nanoTime() - startNs,
                    threads.getCurrentThreadCpuTime() - cpuNs,
                    0,
                    threads.getCurrentThreadAllocatedBytes() - allocated);
            if (result.endLsn() < corpus.endLsn() || result.invalidPages() != 0) {
                throw new BenchmarkException("replay ended at " + Lsn.format(result.endLsn()) + " with "
                        + result.invalidPages() + " pages missing, not at " + Lsn.format(corpus.endLsn())
                        + " with none");
            }
            return measurement;
        }
    }

    /** Whole passes over the log, at least one, until the time is over. */
    private ReplayMeasurement passes(final LoadedWal wal, final long durationNs) throws BenchmarkException {
        final long allocated = threads.getCurrentThreadAllocatedBytes();
        final long cpuNs = threads.getCurrentThreadCpuTime();
        final long startNs = clock.nanoTime();
        long records = 0;
        long bytes = 0;
        do {
            records += wal.decode();
            bytes += wal.corpus().walBytes();
        } while (clock.nanoTime() - startNs < durationNs);
        return new ReplayMeasurement(
                bytes,
                records,
                clock.nanoTime() - startNs,
                threads.getCurrentThreadCpuTime() - cpuNs,
                0,
                threads.getCurrentThreadAllocatedBytes() - allocated);
    }

    private LoadedWal load(final ReplayJob job) throws IOException {
        if (loaded == null || !loaded.corpus().equals(job.corpus())) {
            if (loaded != null) {
                loaded.close();
            }
            loaded = LoadedWal.load(job.corpus());
        }
        return loaded;
    }
}
