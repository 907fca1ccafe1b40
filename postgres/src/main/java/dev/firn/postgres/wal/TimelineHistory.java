package dev.firn.postgres.wal;

import dev.firn.postgres.lsn.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which timeline owns which part of a log: a {@code .history} file (access/timeline.c).
 *
 * @param entries oldest first; the last one is the timeline itself and has no end.
 */
public record TimelineHistory(List<Entry> entries) {
    /**
     * A part of the log.
     *
     * @param endLsn where the next timeline forks off; {@link Long#MAX_VALUE} for the last.
     */
    public record Entry(int timeline, long beginLsn, long endLsn) {}

    public TimelineHistory {
        entries = List.copyOf(entries);
    }

    /** The history's file name. */
    public static String fileName(final int timeline) {
        return String.format(Locale.ROOT, "%08X.history", timeline);
    }

    /** A timeline without ancestors, or whose ancestors are not known. */
    public static TimelineHistory of(final int timeline) {
        return new TimelineHistory(List.of(new Entry(timeline, Lsn.INVALID, Long.MAX_VALUE)));
    }

    /**
     * Reads a history file: lines of timeline, switch point and reason, separated by white space.
     *
     * @throws IllegalArgumentException when a line is something else, or timelines or positions do not rise.
     */
    public static TimelineHistory parse(final int timeline, final String text) {
        final List<Entry> entries = new ArrayList<>();
        long begin = Lsn.INVALID;
        int before = 0;
        for (final String line : text.lines().toList()) {
            final String stripped = line.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            final String[] fields = stripped.split("\\s+", 3);
            if (fields.length < 2) {
                throw malformed(timeline, line);
            }
            final int ancestor = number(timeline, line, fields[0]);
            final long end = Lsn.parse(fields[1]);
            if (Integer.compareUnsigned(ancestor, before) <= 0
                    || Integer.compareUnsigned(ancestor, timeline) >= 0
                    || end < begin) {
                throw malformed(timeline, line);
            }
            entries.add(new Entry(ancestor, begin, end));
            before = ancestor;
            begin = end;
        }
        entries.add(new Entry(timeline, begin, Long.MAX_VALUE));
        return new TimelineHistory(entries);
    }

    /**
     * The timelines whose files may hold a segment, best first: each one that began in or before it. Postgres tries them in
     * this order (XLogFileReadAnyTLI), as a new timeline's first file repeats the old one's up to the switch.
     */
    public List<Integer> candidates(final long segmentNumber, final int segmentBytes) {
        final List<Integer> found = new ArrayList<>();
        for (final Entry entry : entries.reversed()) {
            if (WalSegments.number(entry.beginLsn, segmentBytes) <= segmentNumber) {
                found.add(entry.timeline);
            }
        }
        return List.copyOf(found);
    }

    private static int number(final int timeline, final String line, final String field) {
        try {
            return Integer.parseUnsignedInt(field);
        } catch (final NumberFormatException e) {
            throw new IllegalArgumentException(malformed(timeline, line).getMessage(), e);
        }
    }

    private static IllegalArgumentException malformed(final int timeline, final String line) {
        return new IllegalArgumentException("the history of timeline " + Integer.toUnsignedString(timeline)
                + " has a line that is not an older timeline and where it ended: \"" + line + "\"");
    }
}
