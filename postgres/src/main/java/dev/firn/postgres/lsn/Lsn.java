package dev.firn.postgres.lsn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;

/** What can be said about an LSN, the byte position in the WAL (XLogRecPtr of access/xlogdefs.h). */
public final class Lsn {
    /** InvalidXLogRecPtr: no position. */
    public static final long INVALID = 0;

    private static final int MAX_HALF_DIGITS = 8;

    private Lsn() {}

    /** Whether it is a position at all. */
    public static boolean isValid(final long lsn) {
        return lsn != INVALID;
    }

    /** Reads Postgres' text form, two hexadecimal halves: {@code 16/B374D848}. */
    public static long parse(final CharSequence text) {
        final int length = text.length();
        int slash = -1;
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) == '/') {
                slash = i;
                break;
            }
        }
        if (slash < 1 || slash > MAX_HALF_DIGITS || length - slash - 1 < 1 || length - slash - 1 > MAX_HALF_DIGITS) {
            throw malformed(text);
        }
        return half(text, 0, slash) << Integer.SIZE | half(text, slash + 1, length);
    }

    private static long half(final CharSequence text, final int from, final int to) {
        for (int i = from; i < to; i++) {
            if (!HexFormat.isHexDigit(text.charAt(i))) {
                throw malformed(text);
            }
        }
        return HexFormat.fromHexDigitsToLong(text, from, to);
    }

    private static IllegalArgumentException malformed(final CharSequence text) {
        return new IllegalArgumentException(
                "'" + text + "' is no LSN: it takes two hexadecimal numbers of at most 8 digits, as in 16/B374D848");
    }

    /** Postgres' text form, as {@code pg_lsn} prints it. */
    public static String format(final long lsn) {
        final StringBuilder text = new StringBuilder(2 * MAX_HALF_DIGITS + 1);
        append(lsn, text);
        return text.toString();
    }

    /** Appends Postgres' text form. */
    public static void append(final long lsn, final Appendable target) {
        try {
            appendHalf((int) (lsn >>> Integer.SIZE), target);
            target.append('/');
            appendHalf((int) lsn, target);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void appendHalf(final int half, final Appendable target) throws IOException {
        final int digits = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(half) + 3) / 4);
        for (int digit = digits - 1; digit >= 0; digit--) {
            target.append(Character.toUpperCase(Character.forDigit((half >>> (4 * digit)) & 0xF, 16)));
        }
    }
}
