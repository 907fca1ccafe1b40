package dev.firn.walquorum.archive;

import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How an archiver works.
 *
 * @param slots most segments in memory at once: the one that is filled, and those on their way to the store.
 * @param checkNs how often it looks for a segment that is another node's to put.
 * @param takeOverNs how long the node whose turn it is may take; the next one after it waits twice as long, and so on.
 * @param tailNs how long the first page after a finished segment is waited for: it tells whether Postgres' timeline went on.
 * @param backoffBaseNs first pause after something failed; doubled each time.
 * @param backoffCapNs the longest pause.
 * @param options of each call: the session tries again within its limit.
 */
public record ArchiveConfig(
        int slots,
        long checkNs,
        long takeOverNs,
        long tailNs,
        long backoffBaseNs,
        long backoffCapNs,
        CallOptions options) {
    public static final ArchiveConfig DEFAULT = new ArchiveConfig(
            2,
            TimeUnit.SECONDS.toNanos(2),
            TimeUnit.SECONDS.toNanos(10),
            TimeUnit.SECONDS.toNanos(1),
            TimeUnit.MILLISECONDS.toNanos(500),
            TimeUnit.SECONDS.toNanos(60),
            CallOptions.within(Duration.ofSeconds(60)));

    public ArchiveConfig {
        if (slots < 1 || slots > SegmentWindow.SEGMENTS) {
            throw new IllegalArgumentException(
                    "an archiver has 1 to " + SegmentWindow.SEGMENTS + " slots, not " + slots);
        }
        if (checkNs < 1 || takeOverNs < checkNs || tailNs < 1 || backoffBaseNs < 1 || backoffCapNs < backoffBaseNs) {
            throw new IllegalArgumentException("the archiver's times are not in order: check " + checkNs
                    + ", take over " + takeOverNs + ", tail " + tailNs + ", back-off " + backoffBaseNs + ".."
                    + backoffCapNs + " ns");
        }
    }

    /** What the pages of a timeline's WAL must say. */
    static WalReaderConfig pagesOf(final TimelineEntry timeline) {
        return WalReaderConfig.of(PostgresVersion.ofMajor(timeline.postgresMajor()), timeline.walSegmentBytes())
                .withSystemIdentifier(timeline.systemIdentifier());
    }
}
