package dev.firn.postgres.wal;

import dev.firn.postgres.version.PostgresVersion;
import java.util.Objects;

/**
 * What a reader must know of the log that it reads.
 *
 * @param version whose format is read.
 * @param segmentBytes {@code wal_segment_size}.
 * @param systemIdentifier that of the cluster; 0 when any will do.
 * @param maxRecordBytes a longer record ends the log: the most memory that a record may take.
 */
public record WalReaderConfig(PostgresVersion version, int segmentBytes, long systemIdentifier, long maxRecordBytes) {
    /** XLogRecordMaxSize of access/xlogrecord.h: from 16 on, Postgres writes no longer one. */
    public static final long MAX_RECORD_BYTES = 1020L << 20;

    public WalReaderConfig {
        Objects.requireNonNull(version, "version");
        WalSegments.requireValidSize(segmentBytes);
        if (maxRecordBytes < WalLayout.RECORD_HEADER_BYTES || maxRecordBytes > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("a record's limit of " + maxRecordBytes + " bytes is not within "
                    + WalLayout.RECORD_HEADER_BYTES + ".." + MAX_RECORD_BYTES);
        }
    }

    /** Any system, records as long as Postgres makes them. */
    public static WalReaderConfig of(final PostgresVersion version, final int segmentBytes) {
        return new WalReaderConfig(version, segmentBytes, 0, MAX_RECORD_BYTES);
    }

    public WalReaderConfig withSystemIdentifier(final long wanted) {
        return new WalReaderConfig(version, segmentBytes, wanted, maxRecordBytes);
    }

    public WalReaderConfig withMaxRecordBytes(final long wanted) {
        return new WalReaderConfig(version, segmentBytes, systemIdentifier, wanted);
    }
}
