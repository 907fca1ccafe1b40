package dev.firn.bench.cache;

import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.micro.JmhBenchmark;
import dev.firn.bench.micro.MicroCase;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/** What it costs to find a block in memory, beside the JDK's hash map. */
final class CacheLookup {
    private CacheLookup() {}

    static Benchmark benchmark() {
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "cache-hit",
                        "a block found in the index in memory",
                        "ns/op",
                        Direction.LOWER_IS_BETTER,
                        "java.util.HashMap with a record as its key"),
                Stream.of(1 << 16, 1 << 20)
                        .map(slots -> new MicroCase(
                                "lookup/" + (slots >= 1 << 20 ? (slots >> 20) + "m" : (slots >> 10) + "k"),
                                side("firn", slots),
                                side("map", slots),
                                DoubleUnaryOperator.identity()))
                        .toList());
    }

    private static MicroCase.Side side(final String method, final int slots) {
        return new MicroCase.Side(CacheLookupMicro.class, method, Map.of("slots", Integer.toString(slots)), 1);
    }
}
