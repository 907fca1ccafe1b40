package dev.firn.walquorum.archive;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalEndReason;
import dev.firn.postgres.wal.WalPageCheck;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.lang.foreign.MemorySegment;

/**
 * Finds out which of Postgres' timelines finished segments belong to.
 *
 * <p>The first page after a segment names the timeline that it was written on: when that is the one that is known, no other began
 * before; when not, the history of that one says where. When nothing follows for a while, the segment is named by what is known,
 * unless the next history is in the archive already: then only the page after it can tell.
 *
 * <p>Timelines may leave numbers out, when another promotion took one. When such a switch lies in the last page of a segment after
 * which nothing comes for a while, the segment gets the older timeline's name. Postgres finds it all the same: it looks for older
 * names when the newest is not there (XLogFileReadAnyTLI).
 */
final class TimelineWatch {
    private enum State {
        IDLE,
        READING_PAGE,
        READING_HISTORY,
        READING_NEXT
    }

    private final HistoryArchive histories;
    private final WalReaderConfig pages;
    private final int segmentBytes;
    private final long tailNs;
    private final long retryNs;
    private final MemorySegment header = MemorySegment.ofArray(new byte[WalPageCheck.HEADER_BYTES]);
    private PostgresTimelines timelines;
    private State state = State.IDLE;

    /** All segments that end here or before have known names. */
    private long namedLsn;

    /** The page that is read. */
    private long pageLsn;

    private int gathered;

    /** The end of the log when it was seen first, and since when nothing came after it. */
    private long tailLsn;

    private long tailSinceNs;
    private boolean tailAsked;

    /** Nothing is asked before this, after the store could not answer. */
    private boolean pausing;

    private long notBeforeNs;
    private String failure;
    private String trouble;

    TimelineWatch(
            final TimelineEntry timeline,
            final HistoryArchive histories,
            final WalReaderConfig pages,
            final long fromLsn,
            final ArchiveConfig config) {
        this.histories = histories;
        this.pages = pages;
        this.segmentBytes = pages.segmentBytes();
        this.tailNs = config.tailNs();
        this.retryNs = config.checkNs();
        this.timelines = PostgresTimelines.of(timeline.postgresTimeline());
        this.namedLsn = fromLsn;
    }

    PostgresTimelines timelines() {
        return timelines;
    }

    long namedLsn() {
        return namedLsn;
    }

    /** Why nothing can go on; null when all is well. */
    String failure() {
        return failure;
    }

    /** What it is waiting for; null for nothing. */
    String trouble() {
        return trouble;
    }

    /** The page that should be read now, or -1. */
    long wantedPage(final long startLsn, final long committedLsn, final long nowNs) {
        if (state == State.READING_PAGE) {
            return pageLsn;
        }
        final long page = (committedLsn - WalPageCheck.HEADER_BYTES) / segmentBytes * segmentBytes;
        if (state != State.IDLE || page <= namedLsn || page < startLsn || isPausing(nowNs)) {
            return -1;
        }
        state = State.READING_PAGE;
        pageLsn = page;
        gathered = 0;
        return page;
    }

    private boolean isPausing(final long nowNs) {
        if (trouble != null && !pausing) {
            pausing = true;
            notBeforeNs = nowNs + retryNs;
        }
        pausing = pausing && nowNs - notBeforeNs < 0;
        if (!pausing) {
            trouble = null;
        }
        return pausing;
    }

    boolean isReadingPage() {
        return state == State.READING_PAGE;
    }

    long pageLsn() {
        return pageLsn;
    }

    /** The page is gone from the log. */
    void abandonPage() {
        state = State.IDLE;
    }

    /** How much of the page is there. */
    int gathered() {
        return gathered;
    }

    int take(final MemorySegment bytes, final long offset, final int lengthBytes) {
        final int taken = Math.min(lengthBytes, WalPageCheck.HEADER_BYTES - gathered);
        MemorySegment.copy(bytes, offset, header, gathered, taken);
        gathered += taken;
        if (gathered == WalPageCheck.HEADER_BYTES) {
            onPage();
        }
        return taken;
    }

    private void onPage() {
        state = State.IDLE;
        final WalEndReason reason = WalPageCheck.defect(header, 0, pageLsn, pages);
        if (reason != null) {
            failure = "the committed WAL at " + Lsn.format(pageLsn) + " is not what Postgres writes: "
                    + reason.sentence();
            return;
        }
        final int found = WalPageCheck.timeline(header, 0);
        if (found == timelines.timelineAt(pageLsn)) {
            named(pageLsn);
            return;
        }
        state = State.READING_HISTORY;
        histories.get(found, outcome -> onHistory(found, outcome));
    }

    private void onHistory(final int wanted, final HistoryArchive.Outcome outcome) {
        state = State.IDLE;
        switch (outcome) {
            case HistoryArchive.Outcome.Found found -> {
                final PostgresTimelines newer = PostgresTimelines.of(found.file());
                if (newer.timelineAt(pageLsn) == wanted) {
                    timelines = newer;
                    named(pageLsn);
                } else {
                    failure = "the WAL at " + Lsn.format(pageLsn) + " is of timeline "
                            + Integer.toUnsignedString(wanted) + ", which by its history began later";
                }
            }
            case HistoryArchive.Outcome.None _ ->
                trouble = "WAL of timeline " + Integer.toUnsignedString(wanted)
                        + " is committed, and its history is not in the archive yet";
            case HistoryArchive.Outcome.Unavailable away -> trouble = away.sentence();
            case HistoryArchive.Outcome.Wrong wrong -> failure = wrong.sentence();
        }
    }

    private void named(final long lsn) {
        namedLsn = Math.max(namedLsn, lsn);
        trouble = null;
    }

    /** Looks at the end of the log; returns whether something was begun. */
    boolean watchTail(final long committedLsn, final long nowNs) {
        final long end = committedLsn / segmentBytes * segmentBytes;
        if (end != tailLsn) {
            tailLsn = end;
            tailSinceNs = nowNs;
            tailAsked = false;
            return false;
        }
        if (state != State.IDLE
                || end <= namedLsn
                || committedLsn >= end + WalPageCheck.HEADER_BYTES
                || tailAsked
                || isPausing(nowNs)
                || nowNs - tailSinceNs < tailNs) {
            return false;
        }
        state = State.READING_NEXT;
        tailAsked = true;
        histories.get(timelines.newest() + 1, outcome -> onNextHistory(end, outcome));
        return true;
    }

    private void onNextHistory(final long end, final HistoryArchive.Outcome outcome) {
        state = State.IDLE;
        switch (outcome) {
            case HistoryArchive.Outcome.None _ -> named(end);
            case HistoryArchive.Outcome.Found found -> {
                if (PostgresTimelines.of(found.file()).newestBeginLsn() >= end) {
                    named(end);
                }
            }
            case HistoryArchive.Outcome.Unavailable away -> {
                trouble = away.sentence();
                tailAsked = false;
            }
            case HistoryArchive.Outcome.Wrong wrong -> failure = wrong.sentence();
        }
    }
}
