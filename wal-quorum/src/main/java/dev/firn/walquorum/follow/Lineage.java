package dev.firn.walquorum.follow;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.PostgresException;
import java.nio.charset.StandardCharsets;

/**
 * Whether a server's WAL goes on where the quorum's ends.
 *
 * <p>It does when the two have the same timeline at each position that the quorum holds. A server that was promoted earlier than
 * the quorum's end has written something else since; what was acknowledged there is missing on it.
 */
final class Lineage {
    /** SQLSTATE undefined_file. */
    private static final String UNDEFINED_FILE = "58P01";

    private Lineage() {}

    static TimelineHistory parse(final int timeline, final byte[] content) {
        return TimelineHistory.parse(timeline, new String(content, StandardCharsets.UTF_8));
    }

    /** Of a server that has lost the file, as one that was restored may have, it begins with its newest timeline. */
    static TimelineHistory ofServer(final PrimarySession session, final int newest) {
        if (newest == 1) {
            return TimelineHistory.of(1);
        }
        try {
            return parse(newest, session.timelineHistory(newest));
        } catch (final PostgresException e) {
            if (UNDEFINED_FILE.equals(e.sqlState())) {
                return TimelineHistory.of(newest);
            }
            throw e;
        }
    }

    /** The timeline of the byte at a position. */
    static int timelineAt(final TimelineHistory history, final long lsn) {
        return entryAt(history, lsn).timeline();
    }

    private static TimelineHistory.Entry entryAt(final TimelineHistory history, final long lsn) {
        for (final TimelineHistory.Entry entry : history.entries()) {
            if (lsn < entry.endLsn()) {
                return entry;
            }
        }
        return history.entries().getLast();
    }

    /** Where a timeline begins; 0 when the history does not tell of it. */
    static long beginOf(final TimelineHistory history, final int timeline) {
        return history.entries().stream()
                .filter(entry -> entry.timeline() == timeline)
                .mapToLong(TimelineHistory.Entry::beginLsn)
                .findFirst()
                .orElse(0);
    }

    private static int newest(final TimelineHistory history) {
        return history.entries().getLast().timeline();
    }

    /**
     * @param log of the newest timeline that the log is known to have gone on to.
     * @param startLsn where the log begins.
     * @param endLsn where the log ends, and WAL is wanted from.
     * @throws PgwireException when the server's WAL does not go on from there.
     */
    static void requireGoesOn(
            final TimelineHistory log,
            final TimelineHistory server,
            final long startLsn,
            final long endLsn,
            final String host) {
        if (Integer.compareUnsigned(newest(server), newest(log)) < 0) {
            throw PgwireException.lost("the server at " + host + " is on timeline "
                    + Integer.toUnsignedString(newest(server)) + ", but the quorum's WAL has gone on to timeline "
                    + Integer.toUnsignedString(newest(log)) + ": name the server that was promoted");
        }
        // What the log's first segment holds of an older timeline came with the newer one's file.
        long lsn = Math.max(startLsn, beginOf(server, log.entries().getFirst().timeline()));
        while (lsn < endLsn) {
            final TimelineHistory.Entry own = entryAt(log, lsn);
            final TimelineHistory.Entry its = entryAt(server, lsn);
            if (own.timeline() != its.timeline()) {
                throw PgwireException.refused(
                        "timeline " + Integer.toUnsignedString(newest(server)) + " of the server at "
                                + host + " leaves timeline " + Integer.toUnsignedString(own.timeline()) + " at "
                                + Lsn.format(lsn) + ", but the quorum has WAL of that one up to " + Lsn.format(endLsn)
                                + ": what was acknowledged is missing on that server; follow another, or detach and attach anew");
            }
            lsn = Math.min(own.endLsn(), its.endLsn());
        }
    }
}
