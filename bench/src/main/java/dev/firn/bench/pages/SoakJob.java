package dev.firn.bench.pages;

/**
 * What the suite asks a {@link SoakWorker} for: a page store that takes a log without an end, and answers reads, for so long.
 *
 * @param directory there, and empty.
 * @param bytesASecond of the log.
 */
record SoakJob(String directory, long bytesASecond, long measureNs) {}
