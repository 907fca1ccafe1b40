package dev.firn.bench.micro;

/**
 * What JMH measured in one fork.
 *
 * @param nsPerInvocation average time.
 * @param invocations how many were measured.
 * @param allocatedBytes by the measuring thread during those: see {@link AllocationCounter}.
 * @param profiledBytesPerInvocation {@code gc.alloc.rate.norm} of JMH's gc profiler.
 */
record MicroMeasurement(
        double nsPerInvocation, long invocations, double allocatedBytes, double profiledBytesPerInvocation) {}
