package dev.firn.bench.pages;

/**
 * What a soak showed.
 *
 * @param budgetBytes what the process may take by its configuration: off-heap memory and heap.
 * @param mostBytes most that was resident.
 * @param settledBytes resident at the median second of the second quarter, when all is in use.
 * @param lastBytes resident at the median second of the last quarter.
 * @param settledHeldBytes what is allocated off the heap at the median second of the second quarter.
 * @param lastHeldBytes at the median second of the last quarter.
 */
record SoakMeasurement(
        long budgetBytes,
        long mostBytes,
        long settledBytes,
        long lastBytes,
        long settledHeldBytes,
        long lastHeldBytes,
        long walBytes,
        long pagesRead,
        int layers) {
    /** Part of the settled size by which it grew from the second quarter to the last one. */
    double growth() {
        return (double) (lastBytes - settledBytes) / settledBytes;
    }

    /** The same of what is allocated off the heap, as a part of the budget: it goes up and down with each memory table and each merge. */
    double heldGrowth() {
        return (double) (lastHeldBytes - settledHeldBytes) / budgetBytes;
    }
}
