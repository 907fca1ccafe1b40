package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.WorkerLoop;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** The rivals' process: the only one that has them on its class path. Rows of one table are kept in memory, in each rival's own form. */
public final class RivalWorker {
    private final Clock clock = SystemClock.INSTANCE;
    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private LakeTable loaded;
    private DuckDbTable duckDb;
    private RowArrays arrays;

    private RivalWorker() {}

    public static void main(final String[] arguments) throws IOException {
        final RivalWorker worker = new RivalWorker();
        new WorkerLoop<>(RivalJob.class, worker::run).serve(System.in, System.out);
    }

    private Object run(final RivalJob job) throws IOException, BenchmarkException {
        try {
            if (loaded != job.table()) {
                if (duckDb != null) {
                    duckDb.close();
                }
                duckDb = new DuckDbTable(job.table(), job.facts());
                arrays = null;
                loaded = job.table();
            }
            return switch (job) {
                case RivalJob.Write write -> write(write);
                case RivalJob.Compare compare -> duckDb.compare(Path.of(compare.folder()));
            };
        } catch (final SQLException e) {
            throw new BenchmarkException("DuckDB: " + e.getMessage(), e);
        }
    }

    private LakeMeasurement write(final RivalJob.Write job) throws IOException, SQLException {
        final Path file = Path.of(job.file());
        if (job.side() == RivalJob.Side.PARQUET_JAVA && arrays == null) {
            arrays = RowArrays.read(
                    duckDb.connection(),
                    job.table().table(),
                    Math.toIntExact(job.facts().rows()));
        }
        int passes = 0;
        long elapsedNs = 0;
        long cpuNs = 0;
        long allocated = 0;
        long bytes;
        do {
            Files.deleteIfExists(file);
            final long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
            final long cpuBefore = threads.getCurrentThreadCpuTime();
            final long begun = clock.nanoTime();
            switch (job.side()) {
                case PARQUET_JAVA -> ParquetJavaFile.write(arrays, file);
                case DUCKDB -> duckDb.write(file);
            }
            elapsedNs += clock.nanoTime() - begun;
            cpuNs += threads.getCurrentThreadCpuTime() - cpuBefore;
            allocated += threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
            bytes = Files.size(file);
            passes++;
        } while (elapsedNs < job.measureNs());
        Files.delete(file);
        return new LakeMeasurement(
                passes, job.facts().rows(), job.facts().heapBytes(), bytes, elapsedNs, cpuNs, allocated);
    }
}
