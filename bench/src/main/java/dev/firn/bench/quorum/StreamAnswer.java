package dev.firn.bench.quorum;

/**
 * What a stream came to.
 *
 * @param bytes that a majority had on disk.
 * @param pieces appends, or blocks.
 * @param allocatedBytes of the threads that took part.
 * @param behindBytes what the slowest node lacked in the end of what a majority had.
 */
record StreamAnswer(long bytes, long elapsedNs, long pieces, long allocatedBytes, long behindBytes, String backend) {
    double megabytesPerSecond() {
        return bytes * 1e3 / elapsedNs;
    }
}
