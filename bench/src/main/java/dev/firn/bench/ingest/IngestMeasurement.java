package dev.firn.bench.ingest;

import dev.firn.bench.harness.Sample;

/**
 * What one job measured.
 *
 * @param elapsedNs from the first byte of the log that is fed to the last record that is applied.
 * @param settledNs from there until all of it is in layers and nothing is left to be merged.
 * @param storedBytes sent to the object store, until all was settled.
 * @param shardCpuNs of the shard's thread while it ingested.
 * @param allocatedBytes heap bytes of that thread.
 * @param heldBytes most off-heap memory that was held.
 */
record IngestMeasurement(
        long walBytes,
        long elapsedNs,
        long settledNs,
        long storedBytes,
        long shardCpuNs,
        long allocatedBytes,
        long heldBytes) {
    private static final double NS_A_SECOND = 1e9;
    private static final double BYTES_A_MEGABYTE = 1e6;

    Sample megabytesPerSecond() {
        return Sample.ofValue(walBytes / BYTES_A_MEGABYTE * NS_A_SECOND / elapsedNs);
    }

    /** Until all of it was in the object store, too. */
    double settledMegabytesPerSecond() {
        return walBytes / BYTES_A_MEGABYTE * NS_A_SECOND / (elapsedNs + settledNs);
    }

    Sample writeAmplification() {
        return Sample.ofValue((double) storedBytes / walBytes);
    }
}
