package dev.firn.pagestore.ingest;

/**
 * How ingest runs.
 *
 * @param segmentBytes {@code wal_segment_size}.
 * @param systemIdentifier that of the cluster.
 * @param consistentLsn from where on a record may not change a page that is not there: the base's.
 * @param maxDeltas how many deltas a key may have in the memory table since what stands alone, before it is told of; again for each so many.
 */
public record IngestConfig(int segmentBytes, long systemIdentifier, long consistentLsn, int maxDeltas) {
    /** Some tens of microseconds of redo. */
    public static final int DEFAULT_MAX_DELTAS = 128;

    public IngestConfig {
        if (maxDeltas < 1 || maxDeltas > 0xFFFF) {
            throw new IllegalArgumentException("a limit of " + maxDeltas + " deltas is not within 1..65535");
        }
    }
}
