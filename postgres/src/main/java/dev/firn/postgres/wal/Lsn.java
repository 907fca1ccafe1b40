package dev.firn.postgres.wal;

import java.util.Locale;

/** Positions in the log. An LSN is a plain {@code long}; 0 is none (InvalidXLogRecPtr of access/xlogdefs.h). */
public final class Lsn {
    /** InvalidXLogRecPtr. */
    public static final long INVALID = 0;

    /** The last position that can be read from: so far below the sign bit that no sum with a segment overflows. */
    public static final long MAX_READABLE = Long.MAX_VALUE - 2L * WalSegments.MAX_BYTES;

    private static final int MAX_HALF_DIGITS = 8;

    private Lsn() {}

    /** As Postgres prints it: {@code 16/B374D848}. */
    public static String format(final long lsn) {
        return Integer.toHexString((int) (lsn >>> 32)).toUpperCase(Locale.ROOT)
                + "/"
                + Integer.toHexString((int) lsn).toUpperCase(Locale.ROOT);
    }

    /**
     * The position that {@code X/Y} names.
     *
     * @throws IllegalArgumentException when it is not two hexadecimal numbers of at most eight digits each.
     */
    public static long parse(final String text) {
        final int slash = text.indexOf('/');
        if (slash < 0) {
            throw malformed(text);
        }
        return half(text, 0, slash) << 32 | half(text, slash + 1, text.length());
    }

    private static long half(final String text, final int start, final int end) {
        if (end - start < 1 || end - start > MAX_HALF_DIGITS) {
            throw malformed(text);
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            final int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                throw malformed(text);
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static IllegalArgumentException malformed(final String text) {
        return new IllegalArgumentException("\"" + text + "\" is not an LSN such as 16/B374D848");
    }
}
