package dev.firn.walquorum.catalog;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.postgres.wal.WalSegments;
import java.util.Objects;

/**
 * Which of Postgres' timelines a log's WAL belongs to, from the first one that the log has to the newest that is known. A value: a
 * promotion makes another.
 *
 * <p>A segment in which a timeline ends bears the name of the next: that one's first file repeats the old bytes up to the switch
 * (XLogInitNewTimeline of xlog.c), and the old one's is never whole.
 */
public final class PostgresTimelines {
    private final TimelineHistory history;

    private PostgresTimelines(final TimelineHistory history) {
        this.history = history;
    }

    /** A log that has seen no promotion. Where the timeline came from before the log began does not matter. */
    public static PostgresTimelines of(final int firstTimeline) {
        if (firstTimeline == 0) {
            throw new IllegalArgumentException("Postgres' timelines begin with 1");
        }
        return new PostgresTimelines(TimelineHistory.of(firstTimeline));
    }

    /** A log that goes on by this history. */
    public static PostgresTimelines of(final HistoryFile newest) {
        return new PostgresTimelines(Objects.requireNonNull(newest, "newest").history());
    }

    /** The newest that is known. */
    public int newest() {
        return history.entries().getLast().timeline();
    }

    /** Where the newest begins; 0 when that is not known, for it has been the only one. */
    public long newestBeginLsn() {
        return history.entries().getLast().beginLsn();
    }

    /** The timeline of the byte at a position. */
    public int timelineAt(final long lsn) {
        for (final TimelineHistory.Entry entry : history.entries().reversed()) {
            if (entry.beginLsn() <= lsn) {
                return entry.timeline();
            }
        }
        throw new IllegalArgumentException("no timeline holds " + Lsn.format(lsn));
    }

    /** The timeline in the name of a whole segment: that of its last byte. */
    public int timelineOfSegment(final long number, final int segmentBytes) {
        return timelineAt((number + 1) * segmentBytes - 1);
    }

    /** The name of a whole segment. */
    public String segmentName(final long number, final int segmentBytes) {
        return WalSegments.fileName(timelineOfSegment(number, segmentBytes), number, segmentBytes);
    }

    /** What the timelines are read from. */
    public TimelineHistory history() {
        return history;
    }
}
