package dev.firn.bench.fio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Sample;

/**
 * What is taken from fio's JSON (fio's HOWTO, "JSON output"): of the first job, the side that moved bytes.
 *
 * @param operationsPerSecond reads or writes a second, after the ramp.
 * @param operations how many those were.
 * @param p50Us of the latency from submission to completion; with syncs, of the write's and the sync's added: fio does not time the pair, so
 *     that the sum is near its percentile, not exactly it.
 * @param p99Us likewise.
 */
record FioReport(
        double operationsPerSecond,
        long operations,
        double p50Us,
        double p99Us,
        double userUsPerOperation,
        double systemUsPerOperation) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final double NS_A_US = 1_000.0;
    private static final double US_A_SECOND = 1_000_000.0;
    private static final double PERCENT = 100.0;

    /** Reads fio's standard output, which may have lines of plain text before the document. */
    static FioReport parse(final String output) throws BenchmarkException {
        final int start = output.startsWith("{") ? 0 : output.indexOf("\n{") + 1;
        if (start == 0 && !output.startsWith("{")) {
            throw new BenchmarkException("fio printed no JSON but: " + firstLine(output));
        }
        final JsonNode root;
        try {
            root = MAPPER.readTree(output.substring(start));
        } catch (final JsonProcessingException e) {
            throw new BenchmarkException("fio printed JSON that does not parse: " + e.getOriginalMessage(), e);
        }
        final JsonNode job = root.path("jobs").path(0);
        if (job.path("error").asInt(-1) != 0) {
            throw new BenchmarkException("fio reports error " + job.path("error") + " for its job");
        }
        final JsonNode side = job.path("read").path("total_ios").asLong() > 0 ? job.path("read") : job.path("write");
        final long operations = side.path("total_ios").asLong();
        final double rate = side.path("iops").asDouble();
        if (operations == 0 || !(rate > 0)) {
            throw new BenchmarkException("fio completed no operation in its measured time");
        }
        return new FioReport(
                rate,
                operations,
                percentile(job, side, "50.000000"),
                percentile(job, side, "99.000000"),
                job.path("usr_cpu").asDouble() / PERCENT * US_A_SECOND / rate,
                job.path("sys_cpu").asDouble() / PERCENT * US_A_SECOND / rate);
    }

    Sample toSample() {
        return new Sample(
                operationsPerSecond,
                new Sample.Latency(p50Us, p99Us),
                new Sample.CpuPerOperation(userUsPerOperation, systemUsPerOperation),
                null);
    }

    private static double percentile(final JsonNode job, final JsonNode side, final String which) {
        final double transferNs =
                side.path("lat_ns").path("percentile").path(which).asDouble();
        final double syncNs =
                job.path("sync").path("lat_ns").path("percentile").path(which).asDouble();
        return (transferNs + syncNs) / NS_A_US;
    }

    private static String firstLine(final String output) {
        return output.isBlank() ? "nothing" : output.strip().lines().findFirst().orElse("nothing");
    }
}
