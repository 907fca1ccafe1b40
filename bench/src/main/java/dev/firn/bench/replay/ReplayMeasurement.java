package dev.firn.bench.replay;

import dev.firn.bench.harness.Sample;

/**
 * What one job measured.
 *
 * @param walBytes read.
 * @param records read, and redone where that was the job.
 * @param cpuNs of the one thread; where that is told apart, in user mode.
 * @param systemCpuNs in the kernel, where that is told apart.
 * @param allocatedBytes heap bytes of that thread.
 */
record ReplayMeasurement(
        long walBytes, long records, long elapsedNs, long cpuNs, long systemCpuNs, long allocatedBytes) {
    private static final double NS_A_SECOND = 1e9;
    private static final double NS_A_US = 1e3;
    private static final double BYTES_A_MEGABYTE = 1e6;

    /** Bytes a nanosecond. */
    Sample gigabytesPerSecond() {
        return sample((double) walBytes / elapsedNs);
    }

    Sample megabytesPerSecond() {
        return sample(walBytes / BYTES_A_MEGABYTE * NS_A_SECOND / elapsedNs);
    }

    Sample recordsPerSecond() {
        return sample(records * NS_A_SECOND / elapsedNs);
    }

    private Sample sample(final double value) {
        return new Sample(
                value,
                null,
                new Sample.CpuPerOperation(cpuNs / NS_A_US / records, systemCpuNs / NS_A_US / records),
                (double) allocatedBytes / records);
    }
}
