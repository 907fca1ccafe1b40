package dev.firn.postgres.lake;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Values that are stored as a number, or as text, in the lake's terms. The lake's days and instants are from 0001-01-01 to 9999-12-31: what all
 * readers can show; what is before Christ, later, or infinite does not fit.
 */
public final class LakeValues {
    /** Days from 1970-01-01, where the lake counts from, to 2000-01-01, where Postgres does. */
    public static final int EPOCH_DAYS = 10_957;

    public static final long MICROS_PER_DAY = 86_400_000_000L;

    /** 0001-01-01 in Postgres' days. */
    public static final int FIRST_DAY = -730_119;

    /** 9999-12-31 in Postgres' days. */
    public static final int LAST_DAY = 2_921_939;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private LakeValues() {}

    /** Whether a date fits. */
    public static boolean dateFits(final int days) {
        return days >= FIRST_DAY && days <= LAST_DAY;
    }

    /** A date that fits, as days since 1970-01-01. */
    public static int date(final int days) {
        return days + EPOCH_DAYS;
    }

    /** Whether a timestamp, with time zone or without, fits. */
    public static boolean timestampFits(final long micros) {
        return micros >= FIRST_DAY * MICROS_PER_DAY && micros < (LAST_DAY + 1) * MICROS_PER_DAY;
    }

    /** A timestamp that fits, as microseconds since 1970-01-01. */
    public static long timestamp(final long micros) {
        return micros + EPOCH_DAYS * MICROS_PER_DAY;
    }

    /** Whether a time fits: 24:00:00 is none in the lake. The lake's value is the same number. */
    public static boolean timeFits(final long micros) {
        return micros >= 0 && micros < MICROS_PER_DAY;
    }

    /** Whether bytes are UTF-8, as the lake's strings are: no surrogates, nothing overlong, nothing past U+10FFFF. */
    public static boolean isUtf8(final MemorySegment segment, final long offset, final int length) {
        final long end = offset + length;
        long at = offset;
        while (at < end) {
            if (at + Long.BYTES <= end && (LittleEndian.getLong(segment, at) & NOT_ASCII) == 0) {
                at += Long.BYTES;
                continue;
            }
            final int first = LittleEndian.getUnsignedByte(segment, at);
            final int bytes =
                    first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
            if (bytes == 0 || at + bytes > end || (bytes > 1 && !isTail(segment, at, first, bytes))) {
                return false;
            }
            at += bytes;
        }
        return true;
    }

    private static boolean isTail(final MemorySegment segment, final long at, final int first, final int bytes) {
        final int second = LittleEndian.getUnsignedByte(segment, at + 1);
        final int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        final int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return false;
        }
        for (int i = 2; i < bytes; i++) {
            if ((LittleEndian.getUnsignedByte(segment, at + i) & 0xC0) != 0x80) {
                return false;
            }
        }
        return true;
    }
}
