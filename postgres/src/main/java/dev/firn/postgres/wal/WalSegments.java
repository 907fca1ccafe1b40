package dev.firn.postgres.wal;

import java.util.Locale;

/** Segment files: their sizes and names (access/xlog_internal.h). */
public final class WalSegments {
    public static final int MIN_BYTES = 1 << 20;
    public static final int MAX_BYTES = 1 << 30;

    /** The last position that can be read from: so far below the sign bit that no sum with a segment overflows. */
    public static final long MAX_READABLE_LSN = Long.MAX_VALUE - 2L * MAX_BYTES;

    private static final int NAME_LENGTH = 24;

    private WalSegments() {}

    /** Whether a {@code wal_segment_size} can be this: a power of two from 1 MiB to 1 GiB. */
    public static boolean isValidSize(final long bytes) {
        return bytes >= MIN_BYTES && bytes <= MAX_BYTES && Long.bitCount(bytes) == 1;
    }

    static void requireValidSize(final int bytes) {
        if (!isValidSize(bytes)) {
            throw new IllegalArgumentException(
                    "a WAL segment size of " + bytes + " bytes is not a power of two from 1 MiB to 1 GiB");
        }
    }

    /** The segment that a position lies in. */
    public static long number(final long lsn, final int segmentBytes) {
        return lsn / segmentBytes;
    }

    /** The name of a segment's file: timeline, and the segment's number in two parts. */
    public static String fileName(final int timeline, final long number, final int segmentBytes) {
        final long perHigh = 0x1_0000_0000L / segmentBytes;
        return String.format(Locale.ROOT, "%08X%08X%08X", timeline, number / perHigh, number % perHigh);
    }

    /** Whether a file of this name is a whole segment: 24 hexadecimal digits. */
    public static boolean isFileName(final String name) {
        if (name.length() != NAME_LENGTH) {
            return false;
        }
        for (int i = 0; i < NAME_LENGTH; i++) {
            final char c = name.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'))) {
                return false;
            }
        }
        return true;
    }

    /** The timeline in a segment's file name. */
    public static int timelineOf(final String fileName) {
        return Integer.parseUnsignedInt(fileName, 0, 8, 16);
    }

    /**
     * The number of the segment with this file name.
     *
     * @throws IllegalArgumentException when no segment of this size has the name.
     */
    public static long numberOf(final String fileName, final int segmentBytes) {
        final long perHigh = 0x1_0000_0000L / segmentBytes;
        final long high = Long.parseLong(fileName, 8, 16, 16);
        final long low = Long.parseLong(fileName, 16, NAME_LENGTH, 16);
        if (low >= perHigh) {
            throw new IllegalArgumentException("no WAL segment of " + segmentBytes + " bytes has the name " + fileName);
        }
        return high * perHigh + low;
    }
}
