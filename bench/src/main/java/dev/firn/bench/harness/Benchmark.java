package dev.firn.bench.harness;

/** One benchmark: measures Firn and a rival in the same run, pair by pair. */
public interface Benchmark {
    BenchmarkInfo info();

    /** Measures, and hands each result to {@link BenchContext#report} as soon as it is there. */
    void run(BenchContext context) throws BenchmarkException, InterruptedException;
}
