package dev.firn.walquorum.catalog;

import dev.firn.postgres.wal.TimelineHistory;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The keys of everything that belongs to a timeline. {@code docs/archive-layout.md} shows them to who runs Firn.
 *
 * @param name of the timeline: 1 to 63 lower case letters, digits, hyphens and underscores, the first a letter or digit.
 */
public record TimelineKeys(String name) {
    /** What all keys of all timelines begin with. */
    public static final String ROOT = "timelines/";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern BACKUP = Pattern.compile("[0-9A-F]{16}");
    private static final String ENTRY = "timeline.json";
    private static final String BRANCH = "branch.json";

    /** Beside a segment's name: its beginning, up to where the log ended, then zeroes. Postgres' own word for it. */
    public static final String PARTIAL = ".partial";

    public TimelineKeys {
        if (!isName(name)) {
            throw noName(name);
        }
    }

    static IllegalArgumentException noName(final String name) {
        return new IllegalArgumentException("\"" + name + "\" is no name of a timeline: that has 1 to 63 lower case"
                + " letters, digits, hyphens and underscores, and begins with a letter or digit");
    }

    /** Whether a timeline can be called this. */
    public static boolean isName(final String name) {
        return NAME.matcher(name).matches();
    }

    /** What all keys of this timeline begin with, and no key of another. */
    public String prefix() {
        return ROOT + name + "/";
    }

    public String entry() {
        return prefix() + ENTRY;
    }

    /** What makes it a branch. */
    public String branch() {
        return prefix() + BRANCH;
    }

    /** What the keys of all base backups begin with. */
    public String backups() {
        return prefix() + "base/";
    }

    /** What the keys of one base backup begin with. */
    public String backup(final long startLsn) {
        return backups() + HexFormat.of().withUpperCase().toHexDigits(startLsn) + "/";
    }

    /**
     * The start LSN of the base backup that has this prefix, or -1 when it is none of a backup's.
     *
     * @param prefix as a list by levels gives it, with a slash at its end.
     */
    public long backupStartLsn(final String prefix) {
        final String root = backups();
        if (!prefix.startsWith(root) || !prefix.endsWith("/")) {
            return -1;
        }
        final String digits = prefix.substring(root.length(), prefix.length() - 1);
        return BACKUP.matcher(digits).matches() ? HexFormat.fromHexDigitsToLong(digits) : -1;
    }

    /** What the keys of all segments and histories begin with. */
    public String wal() {
        return prefix() + "wal/";
    }

    /** @param fileName a segment's, as Postgres calls it. */
    public String segment(final String fileName) {
        return wal() + fileName;
    }

    public String partial(final String fileName) {
        return wal() + fileName + PARTIAL;
    }

    /** @param postgresTimeline of which the file tells where it came from. */
    public String history(final int postgresTimeline) {
        return wal() + TimelineHistory.fileName(postgresTimeline);
    }
}
