package dev.firn.bench.harness;

/** What a benchmark is given to run with. */
public interface BenchContext {
    BenchOptions options();
}
