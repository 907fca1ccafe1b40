package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Sample;
import dev.firn.bench.meter.LatencyRecorder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What one run of pgbench came to.
 *
 * @param transactions of all clients.
 * @param transactionsPerSecond without the time that connecting took.
 * @param meanUs of a transaction, from its first statement to the answer to its commit; likewise the percentiles.
 */
public record PgBenchRun(long transactions, double transactionsPerSecond, double meanUs, double p50Us, double p99Us) {
    /** In pgbench's log, a line is: client, transaction, microseconds, script, … */
    private static final int LATENCY_FIELD = 2;

    private static final Pattern RATE = Pattern.compile("(?m)^tps = ([0-9.]+) \\(without initial connection time\\)");
    private static final Pattern FAILED = Pattern.compile("(?m)^number of failed transactions: (\\d+)");
    private static final double NS_A_US = 1e3;

    /**
     * Takes the rate from what it printed, and the latencies from its logs.
     *
     * @param directory of the logs: each file in it whose name begins with log.
     */
    static PgBenchRun of(final String output, final Path directory) throws BenchmarkException, IOException {
        final Matcher rate = RATE.matcher(output);
        if (!rate.find()) {
            throw new BenchmarkException("pgbench does not tell its rate: " + output.strip());
        }
        final Matcher failed = FAILED.matcher(output);
        if (failed.find() && Long.parseLong(failed.group(1)) != 0) {
            throw new BenchmarkException(failed.group(1) + " transactions of pgbench failed: " + output.strip());
        }
        final LatencyRecorder latency = new LatencyRecorder();
        long totalUs = 0;
        for (final Path log : logs(directory)) {
            try (BufferedReader lines = Files.newBufferedReader(log)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    final long us = Long.parseLong(line.split(" ", LATENCY_FIELD + 2)[LATENCY_FIELD]);
                    latency.record(Math.multiplyExact(us, (long) NS_A_US));
                    totalUs += us;
                }
            }
        }
        if (latency.count() == 0) {
            throw new BenchmarkException("pgbench finished no transaction: " + output.strip());
        }
        return new PgBenchRun(
                latency.count(),
                Double.parseDouble(rate.group(1)),
                (double) totalUs / latency.count(),
                latency.percentileNs(50) / NS_A_US,
                latency.percentileNs(99) / NS_A_US);
    }

    private static List<Path> logs(final Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("log."))
                    .toList();
        }
    }

    Sample toSample() {
        return new Sample(transactionsPerSecond, new Sample.Latency(p50Us, p99Us), null, null);
    }
}
