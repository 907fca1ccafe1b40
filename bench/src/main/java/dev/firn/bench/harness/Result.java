package dev.firn.bench.harness;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * One line of the table and one entry of the JSON: the keys of the command's contract first, more after them.
 *
 * @param value median of Firn's samples.
 * @param rival who was measured beside it, or who is missing and why.
 * @param rivalValue median of the rival's samples; null when it is missing.
 * @param ratio median of the paired ratios, above 1 when Firn is better; null when the rival is missing.
 * @param pairs null when the rival is missing.
 * @param allocatedBytesPerOp Firn's; the median of its samples: what allocates does so in each, while a compiler that
 *     gives up a guess may make an object once.
 * @param details how it was measured: back end, options of the rival, and the like.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"name", "unit", "value", "rival", "rivalValue", "ratio"})
public record Result(
        String name,
        String unit,
        double value,
        String rival,
        @JsonInclude(JsonInclude.Include.ALWAYS) Double rivalValue,
        @JsonInclude(JsonInclude.Include.ALWAYS) Double ratio,
        Direction direction,
        PairedRatios pairs,
        Sample.Latency latency,
        Sample.Latency rivalLatency,
        Sample.CpuPerOperation cpuPerOperation,
        Sample.CpuPerOperation rivalCpuPerOperation,
        Double allocatedBytesPerOp,
        Map<String, String> details) {
    public Result {
        details = new TreeMap<>(details);
    }

    /** Firn beside a rival, measured in the same rounds; a null sample is a round that a side sat out. */
    public static Result paired(
            final String name,
            final String unit,
            final Direction direction,
            final List<Sample> firn,
            final String rival,
            final List<Sample> rivalSamples,
            final Map<String, String> details) {
        final PairedRatios pairs = PairedRatios.of(direction, firn, rivalSamples);
        return new Result(
                name,
                unit,
                median(firn, Sample::value),
                rival,
                median(rivalSamples, Sample::value),
                pairs.median(),
                direction,
                pairs,
                latency(firn),
                latency(rivalSamples),
                cpu(firn),
                cpu(rivalSamples),
                allocated(firn),
                details);
    }

    /** Firn alone. {@code missing} names the rival, why it is not there and how to get it. */
    public static Result alone(
            final String name,
            final String unit,
            final Direction direction,
            final List<Sample> firn,
            final String missing,
            final Map<String, String> details) {
        return new Result(
                name,
                unit,
                median(firn, Sample::value),
                missing,
                null,
                null,
                direction,
                null,
                latency(firn),
                null,
                cpu(firn),
                null,
                allocated(firn),
                details);
    }

    private static Sample.Latency latency(final List<Sample> samples) {
        return any(samples, Sample::latency)
                ? new Sample.Latency(
                        median(samples, Sample::latency, Sample.Latency::p50Us),
                        median(samples, Sample::latency, Sample.Latency::p99Us))
                : null;
    }

    private static Sample.CpuPerOperation cpu(final List<Sample> samples) {
        return any(samples, Sample::cpu)
                ? new Sample.CpuPerOperation(
                        median(samples, Sample::cpu, Sample.CpuPerOperation::userUs),
                        median(samples, Sample::cpu, Sample.CpuPerOperation::systemUs))
                : null;
    }

    private static Double allocated(final List<Sample> samples) {
        return any(samples, Sample::allocatedBytesPerOp)
                ? median(samples, Sample::allocatedBytesPerOp, Double::doubleValue)
                : null;
    }

    private static <T> boolean any(final List<Sample> samples, final Function<Sample, T> part) {
        return samples.stream().anyMatch(sample -> sample != null && part.apply(sample) != null);
    }

    private static double median(final List<Sample> samples, final ToDoubleFunction<Sample> value) {
        return median(samples, Function.identity(), value);
    }

    private static <T> double median(
            final List<Sample> samples, final Function<Sample, T> part, final ToDoubleFunction<T> value) {
        return PairedRatios.median(samples.stream()
                .filter(Objects::nonNull)
                .map(part)
                .filter(Objects::nonNull)
                .map(value::applyAsDouble)
                .toList());
    }
}
