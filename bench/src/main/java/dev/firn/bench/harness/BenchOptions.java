package dev.firn.bench.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What one run of {@code firn bench} was asked for.
 *
 * @param names benchmarks to run, in this order; empty for all.
 * @param json print one JSON document instead of the table.
 * @param workDirectory where data files are made; on the device that is to be measured. Created when missing.
 * @param rounds how many pairs (Firn, rival) each result is made of; 0 for each benchmark's own default.
 * @param sampleDuration how long each side of a pair is measured; zero for each benchmark's own default.
 * @param fileBytes size of the file that random reads go to; 0 for the default.
 * @param keepFiles leave the data files for the next run, which then starts sooner.
 */
public record BenchOptions(
        List<String> names,
        boolean json,
        Path workDirectory,
        int rounds,
        Duration sampleDuration,
        long fileBytes,
        boolean keepFiles) {
    /** More rounds than this answer no question that these do not. */
    public static final int MAX_ROUNDS = 1_000;

    /** Longest measurement of one side of a pair. */
    public static final Duration MAX_SAMPLE_DURATION = Duration.ofHours(1);

    /** Largest file that random reads go to. */
    public static final long MAX_FILE_BYTES = 1L << 40;

    public BenchOptions {
        names = List.copyOf(names);
        if (rounds < 0 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("rounds " + rounds + " is not within 0.." + MAX_ROUNDS);
        }
        if (sampleDuration.isNegative() || sampleDuration.compareTo(MAX_SAMPLE_DURATION) > 0) {
            throw new IllegalArgumentException(
                    "a sample of " + sampleDuration + " is not within 0 s.." + MAX_SAMPLE_DURATION.toSeconds() + " s");
        }
        if (fileBytes < 0 || fileBytes > MAX_FILE_BYTES) {
            throw new IllegalArgumentException("a file of " + fileBytes + " bytes is not within 0.." + MAX_FILE_BYTES);
        }
    }

    /** All benchmarks, as a table, with their own defaults. */
    public static BenchOptions defaults(final Path workDirectory) {
        return new BenchOptions(List.of(), false, workDirectory, 0, Duration.ZERO, 0, false);
    }

    public BenchOptions withNames(final List<String> chosen) {
        return new BenchOptions(chosen, json, workDirectory, rounds, sampleDuration, fileBytes, keepFiles);
    }

    public BenchOptions withJson(final boolean asJson) {
        return new BenchOptions(names, asJson, workDirectory, rounds, sampleDuration, fileBytes, keepFiles);
    }

    public BenchOptions withRounds(final int pairs) {
        return new BenchOptions(names, json, workDirectory, pairs, sampleDuration, fileBytes, keepFiles);
    }

    public BenchOptions withSampleDuration(final Duration duration) {
        return new BenchOptions(names, json, workDirectory, rounds, duration, fileBytes, keepFiles);
    }

    public BenchOptions withFileBytes(final long bytes) {
        return new BenchOptions(names, json, workDirectory, rounds, sampleDuration, bytes, keepFiles);
    }

    public BenchOptions withKeepFiles(final boolean keep) {
        return new BenchOptions(names, json, workDirectory, rounds, sampleDuration, fileBytes, keep);
    }

    public BenchOptions withWorkDirectory(final Path directory) {
        return new BenchOptions(names, json, directory, rounds, sampleDuration, fileBytes, keepFiles);
    }
}
