package dev.firn.bench.quorum;

/**
 * What {@link QuorumJob.RoundTrips} came to.
 *
 * @param quorum from the append to knowing that a majority has it on disk.
 * @param flush of the same blocks to three plain files at once, until two of them have it.
 * @param oneFlush to one plain file.
 * @param allocatedBytes of the nodes' threads and the writer's, for all appends together.
 */
record RoundTripAnswer(
        long appends,
        Percentiles quorum,
        Percentiles flush,
        Percentiles oneFlush,
        long allocatedBytes,
        String backend) {}
