package dev.firn.walquorum.log;

/** Names of a log's files: {@code control}, and segments by their numbers of 16 hexadecimal digits. */
final class LogNames {
    private static final String SEGMENT_SUFFIX = ".segment";
    private static final int DIGITS = 16;

    /** What {@link #segmentOf} says of a name that no segment has. */
    static final long NO_SEGMENT = -1;

    private final String directory;

    LogNames(final String directory) {
        this.directory = directory;
    }

    String directory() {
        return directory;
    }

    String control() {
        return directory + "/control";
    }

    String segment(final long number) {
        return directory + "/" + String.format("%016x", number) + SEGMENT_SUFFIX;
    }

    /** @param entry a name within the directory. */
    static long segmentOf(final String entry) {
        if (entry.length() != DIGITS + SEGMENT_SUFFIX.length() || !entry.endsWith(SEGMENT_SUFFIX)) {
            return NO_SEGMENT;
        }
        for (int i = 0; i < DIGITS; i++) {
            if ("0123456789abcdef".indexOf(entry.charAt(i)) < 0) {
                return NO_SEGMENT;
            }
        }
        return Long.parseLong(entry.substring(0, DIGITS), 16);
    }
}
