package dev.firn.walquorum.archive;

import dev.firn.walquorum.catalog.PostgresTimelines;
import java.util.ArrayList;
import java.util.List;

/**
 * What an archive holds: segments as runs of consecutive ones, histories, and partial segments.
 *
 * @param segmentBytes how long each segment is.
 * @param runs in the order of their names.
 * @param histories the Postgres timelines that have one, rising.
 * @param partials names of partial segments, in order.
 */
public record ArchiveContents(int segmentBytes, List<Run> runs, List<Integer> histories, List<String> partials) {
    /** Segments of one Postgres timeline without a gap between them, both ends included. */
    public record Run(int postgresTimeline, long firstSegment, long lastSegment) {}

    /** WAL that should be there and is not: from the first byte of a segment up to the end of another. */
    public record Gap(long beginLsn, long endLsn) {}

    public ArchiveContents {
        runs = List.copyOf(runs);
        histories = List.copyOf(histories);
        partials = List.copyOf(partials);
    }

    /** Whether a whole segment is there under the name that it has by these timelines. */
    public boolean holds(final long segment, final PostgresTimelines timelines) {
        return runOf(segment, timelines) != null;
    }

    private Run runOf(final long segment, final PostgresTimelines timelines) {
        final int timeline = timelines.timelineOfSegment(segment, segmentBytes);
        for (final Run run : runs) {
            if (run.postgresTimeline == timeline && run.firstSegment <= segment && segment <= run.lastSegment) {
                return run;
            }
        }
        return null;
    }

    /** The first segment from a given one on that is not there. */
    public long firstMissing(final long fromSegment, final PostgresTimelines timelines) {
        long segment = fromSegment;
        while (holds(segment, timelines)) {
            segment++;
        }
        return segment;
    }

    /** What is missing between two positions; segments that they lie in count as a whole. */
    public List<Gap> gaps(final long fromLsn, final long toLsn, final PostgresTimelines timelines) {
        final List<Gap> gaps = new ArrayList<>();
        final long end = (toLsn + segmentBytes - 1) / segmentBytes;
        long gapBegin = -1;
        for (long segment = fromLsn / segmentBytes; segment < end; segment++) {
            final boolean there = holds(segment, timelines);
            if (!there && gapBegin < 0) {
                gapBegin = segment;
            } else if (there && gapBegin >= 0) {
                gaps.add(new Gap(gapBegin * segmentBytes, segment * segmentBytes));
                gapBegin = -1;
            }
        }
        if (gapBegin >= 0) {
            gaps.add(new Gap(gapBegin * segmentBytes, end * segmentBytes));
        }
        return List.copyOf(gaps);
    }

    /** The Postgres timeline of the newest history, or 0 when there is none. */
    public int newestHistory() {
        return histories.isEmpty() ? 0 : histories.getLast();
    }
}
