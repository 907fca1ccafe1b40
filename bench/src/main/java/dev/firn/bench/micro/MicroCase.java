package dev.firn.bench.micro;

import dev.firn.bench.harness.Sample;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * One comparison that JMH makes.
 *
 * @param variant the result's name after the benchmark's.
 * @param firn what is measured.
 * @param rival what is measured beside it; null when nothing is there to be.
 * @param rivalName what the result calls it; null for what its benchmark calls all of them.
 * @param value the result's value, from nanoseconds an operation.
 */
public record MicroCase(String variant, Side firn, Side rival, String rivalName, DoubleUnaryOperator value) {
    public MicroCase(final String variant, final Side firn, final Side rival, final DoubleUnaryOperator value) {
        this(variant, firn, rival, null, value);
    }

    /**
     * A JMH method with its parameters.
     *
     * @param operations that each invocation is made of.
     */
    public record Side(Class<?> type, String method, Map<String, String> parameters, int operations) {}

    Sample sample(final Side side, final MicroMeasurement measurement) {
        return new Sample(
                value.applyAsDouble(measurement.nsPerInvocation() / side.operations()),
                null,
                null,
                measurement.allocatedBytes() / measurement.invocations() / side.operations());
    }
}
