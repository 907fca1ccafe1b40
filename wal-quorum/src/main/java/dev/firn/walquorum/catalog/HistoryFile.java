package dev.firn.walquorum.catalog;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A {@code .history} file as Postgres writes it (timeline.c): a line for each older timeline, with where it was left and why.
 *
 * @param postgresTimeline whose history it is.
 * @param text the file's whole text, kept as it came.
 * @param history what it says.
 */
public record HistoryFile(int postgresTimeline, String text, TimelineHistory history) {
    /** Longest that is taken: some ten thousand promotions. */
    public static final int MAX_BYTES = 1 << 20;

    public HistoryFile {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(history, "history");
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException in one sentence, when it is none.
     */
    public static HistoryFile parse(final int postgresTimeline, final byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("the history of timeline " + Integer.toUnsignedString(postgresTimeline)
                    + " has " + bytes.length + " bytes, and more than " + MAX_BYTES + " are not read");
        }
        final String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "the history of timeline " + Integer.toUnsignedString(postgresTimeline) + " is not UTF-8", e);
        }
        final TimelineHistory history = TimelineHistory.parse(postgresTimeline, text);
        if (history.entries().size() < 2) {
            throw new IllegalArgumentException("the history of timeline " + Integer.toUnsignedString(postgresTimeline)
                    + " names no timeline that it came from");
        }
        return new HistoryFile(postgresTimeline, text, history);
    }

    /** The history that a promotion writes: the parent's, and one more line. */
    public static HistoryFile promoted(
            final HistoryFile parent,
            final int parentTimeline,
            final int timeline,
            final long switchLsn,
            final String reason) {
        final String before = parent == null ? "" : parent.text + "\n";
        final String line =
                Integer.toUnsignedString(parentTimeline) + "\t" + Lsn.format(switchLsn) + "\t" + reason + "\n";
        return parse(timeline, (before + line).getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public String fileName() {
        return TimelineHistory.fileName(postgresTimeline);
    }
}
