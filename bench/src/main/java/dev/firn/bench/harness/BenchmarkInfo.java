package dev.firn.bench.harness;

/**
 * What {@code firn bench --list} shows of a benchmark.
 *
 * @param name how it is asked for.
 * @param measures what it does, in one line.
 * @param unit what its values are in.
 * @param direction which way the unit is good.
 * @param rival what runs beside it.
 */
public record BenchmarkInfo(String name, String measures, String unit, Direction direction, String rival) {}
