package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** Dates, times and intervals in the styles ISO and postgres: utils/adt/datetime.c, date.c, timestamp.c. Time zone UTC. */
final class DateTimeText {
    /** POSTGRES_EPOCH_JDATE: 2000-01-01 as a Julian day. */
    static final int EPOCH_JULIAN_DAY = 2_451_545;

    static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final long MICROS_PER_HOUR = 3_600_000_000L;
    private static final long MICROS_PER_MINUTE = 60_000_000L;
    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int FRACTION_DIGITS = 6;
    private static final int MONTHS_PER_YEAR = 12;
    private static final int SECONDS_PER_HOUR = 3600;
    private static final int SECONDS_PER_MINUTE = 60;
    private static final String INFINITY = "infinity";
    private static final String MINUS_INFINITY = "-infinity";

    private DateTimeText() {}

    /** date_out. */
    static void printDate(final int days, final TextBuffer out) {
        if (days == Integer.MAX_VALUE || days == Integer.MIN_VALUE) {
            out.put(days > 0 ? INFINITY : MINUS_INFINITY);
        } else if (putDay(days, out)) {
            out.put(" BC");
        }
    }

    /** timestamp_out and timestamptz_out. */
    static void printTimestamp(final long micros, final boolean withZone, final TextBuffer out) {
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            out.put(micros > 0 ? INFINITY : MINUS_INFINITY);
            return;
        }
        final boolean beforeChrist = putDay(Math.floorDiv(micros, MICROS_PER_DAY), out);
        out.put(' ');
        printTime(Math.floorMod(micros, MICROS_PER_DAY), out);
        if (withZone) {
            out.put("+00");
        }
        if (beforeChrist) {
            out.put(" BC");
        }
    }

    /** time_out. */
    static void printTime(final long micros, final TextBuffer out) {
        if (micros < 0 || micros > MICROS_PER_DAY) {
            throw new MalformedDataException("a time of " + micros + " microseconds since midnight");
        }
        out.putPadded(micros / MICROS_PER_HOUR, 2).put(':');
        putMinutes(micros % MICROS_PER_HOUR, out);
    }

    /** timetz_out; the zone is in seconds west of Greenwich. */
    static void printTimeWithZone(final long micros, final int zone, final TextBuffer out) {
        printTime(micros, out);
        final long distance = Math.abs((long) zone);
        out.put(zone <= 0 ? '+' : '-').putPadded(distance / SECONDS_PER_HOUR, 2);
        final long minutes = distance % SECONDS_PER_HOUR / SECONDS_PER_MINUTE;
        final long seconds = distance % SECONDS_PER_MINUTE;
        if (minutes != 0 || seconds != 0) {
            out.put(':').putPadded(minutes, 2);
        }
        if (seconds != 0) {
            out.put(':').putPadded(seconds, 2);
        }
    }

    /** EncodeInterval; from 17 on, all fields at an end of their range are an infinity. */
    static void printInterval(
            final long micros, final int days, final int months, final boolean mayBeInfinite, final TextBuffer out) {
        if (mayBeInfinite && isInfinite(micros, days, months)) {
            out.put(micros > 0 ? INFINITY : MINUS_INFINITY);
            return;
        }
        final int start = out.length();
        boolean before = putIntervalPart(months / MONTHS_PER_YEAR, "year", false, start, out);
        before = putIntervalPart(months % MONTHS_PER_YEAR, "mon", before, start, out);
        before = putIntervalPart(days, "day", before, start, out);
        if (micros == 0 && out.length() != start) {
            return;
        }
        if (out.length() != start) {
            out.put(' ');
        }
        if (micros < 0) {
            out.put('-');
        } else if (before) {
            out.put('+');
        }
        // The fields are taken apart before the sign goes: the least value has no positive counterpart.
        out.putPadded(Math.abs(micros / MICROS_PER_HOUR), 2).put(':');
        putMinutes(Math.abs(micros % MICROS_PER_HOUR), out);
    }

    static boolean isInfinite(final long micros, final int days, final int months) {
        return (micros == Long.MAX_VALUE && days == Integer.MAX_VALUE && months == Integer.MAX_VALUE)
                || (micros == Long.MIN_VALUE && days == Integer.MIN_VALUE && months == Integer.MIN_VALUE);
    }

    /** AddPostgresIntPart; returns whether a sign is wanted of what comes after. */
    private static boolean putIntervalPart(
            final int value, final String unit, final boolean before, final int start, final TextBuffer out) {
        if (value == 0) {
            return before;
        }
        if (out.length() != start) {
            out.put(' ');
        }
        if (before && value > 0) {
            out.put('+');
        }
        out.putDecimal(value).put(' ').put(unit);
        if (value != 1) {
            out.put('s');
        }
        return value < 0;
    }

    private static void putMinutes(final long micros, final TextBuffer out) {
        out.putPadded(micros / MICROS_PER_MINUTE, 2).put(':');
        final long rest = micros % MICROS_PER_MINUTE;
        out.putPadded(rest / MICROS_PER_SECOND, 2);
        final long fraction = rest % MICROS_PER_SECOND;
        if (fraction != 0) {
            out.put('.').putPadded(fraction, FRACTION_DIGITS);
            while (out.at(out.length() - 1) == '0') {
                out.cut(out.length() - 1);
            }
        }
    }

    /** EncodeDateOnly of a day since 2000-01-01: year, month and day of the Gregorian calendar, as j2date counts; whether it is before Christ. */
    private static boolean putDay(final long sinceEpoch, final TextBuffer out) {
        final long julianDay = sinceEpoch + EPOCH_JULIAN_DAY;
        if (julianDay < 0 || julianDay > Integer.MAX_VALUE) {
            throw new MalformedDataException("a day " + sinceEpoch + " days from 2000-01-01");
        }
        // Days since 1 March of the year -4800 (proleptic), whose leap day is the last of its year.
        final long shifted = julianDay + 32_044;
        final long cycle = shifted / 146_097;
        final long ofCycle = shifted % 146_097;
        final long century = Math.min(ofCycle / 36_524, 3);
        final long ofCentury = ofCycle - century * 36_524;
        final long quad = ofCentury / 1461;
        final long ofQuad = ofCentury % 1461;
        final long yearOfQuad = Math.min(ofQuad / 365, 3);
        final long ofYear = ofQuad - yearOfQuad * 365;
        final long shiftedMonth = (5 * ofYear + 2) / 153;
        final long day = ofYear - (153 * shiftedMonth + 2) / 5 + 1;
        final long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        final long year = 400 * cycle + 100 * century + 4 * quad + yearOfQuad - 4800 + (shiftedMonth < 10 ? 0 : 1);
        out.putPadded(year > 0 ? year : 1 - year, 4)
                .put('-')
                .putPadded(month, 2)
                .put('-')
                .putPadded(day, 2);
        return year <= 0;
    }
}
