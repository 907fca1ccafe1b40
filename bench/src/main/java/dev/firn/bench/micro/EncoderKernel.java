package dev.firn.bench.micro;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** The kernels that {@link EncoderMicro} measures. */
enum EncoderKernel {
    PACK_INTS_3,
    PACK_INTS_11,
    PACK_INTS_20,
    PACK_LONGS_20,
    DELTA_INTS,
    DELTA_LONGS,
    RANGE_INTS,
    RANGE_LONGS,
    RANGE_FLOATS,
    RANGE_DOUBLES,
    SPLIT_INTS,
    SPLIT_LONGS,
    COMPACT_INTS,
    COMPACT_LONGS,
    RUNS,
    DECIMALS,
    HASH_LONGS,
    BLOOM;

    static Stream<String> names() {
        return Arrays.stream(values())
                .map(kernel -> kernel.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    static EncoderKernel of(final String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
