package dev.firn.bench.micro;

import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/** The micro-benchmarks and what each is compared with. */
public final class MicroBenchmarks {
    private static final String NS_PER_OPERATION = "ns/op";
    private static final String GB_PER_SECOND = "GB/s";
    private static final String MILLION_VALUES = "M values/s";
    private static final double NS_PER_US = 1e3;

    private MicroBenchmarks() {}

    public static Benchmark crc32c() {
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "crc32c",
                        "CRC-32C of 4 KiB, 8 KiB, 16 KiB and 1 MiB of off-heap memory, with the gc profiler",
                        GB_PER_SECOND,
                        Direction.HIGHER_IS_BETTER,
                        "java.util.zip.CRC32C on a direct ByteBuffer"),
                Stream.of(4 << 10, 8 << 10, 16 << 10, 1 << 20)
                        .map(bytes -> new MicroCase(
                                sizeName(bytes),
                                new MicroCase.Side(Crc32cMicro.class, "firn", bytes(bytes), 1),
                                new MicroCase.Side(Crc32cMicro.class, "jdk", bytes(bytes), 1),
                                ns -> bytes / ns))
                        .toList());
    }

    public static Benchmark alloc() {
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "alloc",
                        "8 KiB and 64 KiB of off-heap memory allocated and freed, with the gc profiler",
                        NS_PER_OPERATION,
                        Direction.LOWER_IS_BETTER,
                        "Arena.ofConfined, opened and closed each time"),
                Stream.of(8 << 10, 64 << 10)
                        .map(bytes -> new MicroCase(
                                sizeName(bytes),
                                new MicroCase.Side(AllocMicro.class, "firn", bytes(bytes), 1),
                                new MicroCase.Side(AllocMicro.class, "arena", bytes(bytes), 1),
                                DoubleUnaryOperator.identity()))
                        .toList());
    }

    public static Benchmark ringNop() {
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "ring-nop",
                        "round trip of an operation that does nothing, alone and in batches of 32, with the gc profiler",
                        NS_PER_OPERATION,
                        Direction.LOWER_IS_BETTER,
                        "FileChannel.read of /dev/null"),
                Stream.of(1, 32)
                        .map(batch -> new MicroCase(
                                "batch=" + batch,
                                new MicroCase.Side(
                                        RingNopMicro.class, "firn", Map.of("batch", Integer.toString(batch)), batch),
                                new MicroCase.Side(NullReadMicro.class, "channel", Map.of(), 1),
                                DoubleUnaryOperator.identity()))
                        .toList());
    }

    public static Benchmark layerRead() {
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "layer-read",
                        "a key looked up in a layer in memory, a page's and a record's, with the gc profiler",
                        NS_PER_OPERATION,
                        Direction.LOWER_IS_BETTER,
                        "lz4 decompression of the same block alone: the floor"),
                Stream.of("page", "record")
                        .map(kind -> new MicroCase(
                                kind,
                                new MicroCase.Side(LayerReadMicro.class, "firn", Map.of("kind", kind), 1),
                                new MicroCase.Side(LayerReadMicro.class, "floor", Map.of("kind", kind), 1),
                                DoubleUnaryOperator.identity()))
                        .toList());
    }

    /** Each kernel beside its twin, then whole encodings beside parquet-java. */
    public static Benchmark encoders() {
        final Stream<MicroCase> kernels = EncoderKernel.names()
                .map(kernel -> new MicroCase(
                        "kernel/" + kernel,
                        new MicroCase.Side(EncoderMicro.class, "firn", Map.of("kernel", kernel, "vectors", "true"), 1),
                        new MicroCase.Side(EncoderMicro.class, "firn", Map.of("kernel", kernel, "vectors", "false"), 1),
                        "its scalar twin",
                        MicroBenchmarks::millionValues));
        final Stream<MicroCase> pages = PageEncoding.names()
                .map(encoding -> new MicroCase(
                        "page/" + encoding,
                        new MicroCase.Side(PageEncoderMicro.class, "firn", Map.of("encoding", encoding), 1),
                        new MicroCase.Side(ParquetValuesMicro.class, "rival", Map.of("encoding", encoding), 1),
                        "parquet-java's values writer",
                        MicroBenchmarks::millionValues));
        return new JmhBenchmark(
                new BenchmarkInfo(
                        "encoders",
                        "the 16 384 values of a page of Parquet: kernels as vectors, and whole encodings; with the gc profiler",
                        MILLION_VALUES,
                        Direction.HIGHER_IS_BETTER,
                        "the kernel's scalar twin; parquet-java's values writer"),
                Stream.concat(kernels, pages).toList(),
                true);
    }

    private static double millionValues(final double nsPerPage) {
        return EncoderMicro.VALUES * NS_PER_US / nsPerPage;
    }

    private static Map<String, String> bytes(final int bytes) {
        return Map.of("bytes", Integer.toString(bytes));
    }

    private static String sizeName(final int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + "m" : (bytes >> 10) + "k";
    }
}
