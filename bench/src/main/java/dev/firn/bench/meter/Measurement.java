package dev.firn.bench.meter;

import dev.firn.bench.harness.Sample;

/**
 * What one job measured, without its warm-up.
 *
 * @param userCpuNs of the whole process: the JVM's own threads are part of the cost.
 * @param allocatedBytes heap bytes that the measuring threads allocated.
 * @param backend what moved the bytes, in its own words.
 */
public record Measurement(
        long operations,
        long elapsedNs,
        long p50Ns,
        long p99Ns,
        long userCpuNs,
        long systemCpuNs,
        long allocatedBytes,
        String backend) {
    private static final double NS_A_SECOND = 1e9;
    private static final double NS_A_US = 1e3;

    public double operationsPerSecond() {
        return operations * NS_A_SECOND / elapsedNs;
    }

    public Sample toSample() {
        return new Sample(
                operationsPerSecond(),
                new Sample.Latency(p50Ns / NS_A_US, p99Ns / NS_A_US),
                new Sample.CpuPerOperation(userCpuNs / NS_A_US / operations, systemCpuNs / NS_A_US / operations),
                (double) allocatedBytes / operations);
    }
}
