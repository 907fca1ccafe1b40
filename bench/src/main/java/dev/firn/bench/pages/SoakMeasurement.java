package dev.firn.bench.pages;

/**
 * What a soak showed.
 *
 * @param budgetBytes what the process may take by its configuration: off-heap memory and heap.
 * @param mostBytes most that was resident.
 * @param settledBytes resident at the median second of the second quarter, when all is in use.
 * @param lastBytes resident at the median second of the last quarter.
 */
record SoakMeasurement(
        long budgetBytes,
        long mostBytes,
        long settledBytes,
        long lastBytes,
        long walBytes,
        long pagesRead,
        int layers) {
    /** Part of the settled size by which it grew from the second quarter to the last one. */
    double growth() {
        return (double) (lastBytes - settledBytes) / settledBytes;
    }
}
