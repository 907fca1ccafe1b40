package dev.firn.bench.harness;

/** Measures one side once; warm-up is its own matter and not part of the sample. */
@FunctionalInterface
public interface Sampler {
    Sample measure() throws BenchmarkException, InterruptedException;
}
