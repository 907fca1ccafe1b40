package dev.firn.bench.micro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** The encodings that {@link PageEncoderMicro} and {@link ParquetValuesMicro} measure, with the values that they get. */
enum PageEncoding {
    PLAIN_LONGS,
    DELTA_LONGS,
    SPLIT_LONGS,
    DICTIONARY_LONGS,
    PLAIN_TEXTS,
    DELTA_LENGTH_TEXTS,
    DELTA_TEXTS,
    DICTIONARY_TEXTS,
    LEVELS;

    private static final int DISTINCT = 200;
    private static final int STEP = 17;
    private static final int TEXT_BYTES = 18;
    private static final int TEXT_CHOICES = 7;

    static Stream<String> names() {
        return Arrays.stream(values())
                .map(encoding -> encoding.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    static PageEncoding of(final String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The same for both sides: of a dictionary few distinct ones, else rising with some noise. */
    long number(final int i) {
        final long mixed = (i * 0x9E3779B97F4A7C15L) >>> 40;
        return this == DICTIONARY_LONGS ? mixed % DISTINCT : (long) i * STEP + mixed % STEP;
    }

    byte[] text(final int i) {
        final long number = this == DICTIONARY_TEXTS ? number(i) % DISTINCT : number(i);
        final String text = "customer/" + (number % TEXT_CHOICES) + "/order-" + number;
        return text.substring(0, Math.min(text.length(), TEXT_BYTES + (int) (number % TEXT_CHOICES)))
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A null now and then. */
    int level(final int i) {
        return number(i) % STEP == 0 ? 0 : 1;
    }
}
