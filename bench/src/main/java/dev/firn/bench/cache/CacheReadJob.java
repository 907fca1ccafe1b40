package dev.firn.bench.cache;

/**
 * What the suite asks a {@link CacheWorker} for: one line of JSON.
 *
 * @param directory where the cache's file is, which the first job makes and fills.
 * @param sizeBytes of that file.
 * @param readBytes length of each read.
 * @param depth reads in flight.
 */
record CacheReadJob(
        String directory,
        String fileName,
        long sizeBytes,
        int readBytes,
        int depth,
        long seed,
        long warmupNs,
        long measureNs) {}
