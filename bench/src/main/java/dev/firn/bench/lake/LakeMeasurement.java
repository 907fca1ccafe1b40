package dev.firn.bench.lake;

import dev.firn.bench.harness.Sample;
import java.time.Duration;

/**
 * What passes over a table took, Firn's or a rival's.
 *
 * @param rows of one pass.
 * @param heapBytes of one pass: of the table in Postgres, whoever it was that read its rows.
 * @param fileBytes of all files of one pass.
 * @param cpuNs of the thread; 0 when it is not known.
 * @param allocatedBytes on the heap, by the thread, in all passes.
 */
record LakeMeasurement(
        int passes, long rows, long heapBytes, long fileBytes, long elapsedNs, long cpuNs, long allocatedBytes) {
    private static final double MILLION = 1e6;
    private static final double NS_A_SECOND = 1e9;

    Duration elapsed() {
        return Duration.ofNanos(elapsedNs);
    }

    double heapMegabytesPerSecond() {
        return passes * heapBytes / MILLION / (elapsedNs / NS_A_SECOND);
    }

    double millionRowsPerSecond() {
        return passes * rows / MILLION / (elapsedNs / NS_A_SECOND);
    }

    Sample toSample() {
        return new Sample(heapMegabytesPerSecond(), null, null, (double) allocatedBytes / (passes * rows));
    }
}
