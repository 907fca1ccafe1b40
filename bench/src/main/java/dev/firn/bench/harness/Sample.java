package dev.firn.bench.harness;

/**
 * What one side measured once.
 *
 * @param value in the result's unit.
 * @param latency null when it was not measured.
 * @param cpu null when it was not measured.
 * @param allocatedBytesPerOp heap bytes an operation; null when it was not measured.
 */
public record Sample(double value, Latency latency, CpuPerOperation cpu, Double allocatedBytesPerOp) {
    public Sample {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("a sample of " + value + " cannot be compared with another");
        }
    }

    public static Sample ofValue(final double value) {
        return new Sample(value, null, null, null);
    }

    /** Percentiles of the time from asking for an operation to knowing that it is done. */
    public record Latency(double p50Us, double p99Us) {}

    /** Processor time of the whole process that measured, divided by its operations. */
    public record CpuPerOperation(double userUs, double systemUs) {}
}
