package dev.firn.columnar.rebuild;

import dev.firn.postgres.value.ValueKind;

/** Dates, times and intervals from their canonical text: styles ISO and postgres, time zone UTC. */
final class TimeDatums {
    /** What no time of a day is. */
    private static final long NONE = TextCursor.NONE;

    private static final int EPOCH_JULIAN_DAY = 2_451_545;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3600;
    private static final long MICROS_PER_DAY = 24 * SECONDS_PER_HOUR * MICROS_PER_SECOND;
    private static final int MONTHS_PER_YEAR = 12;
    private static final int FRACTION_DIGITS = 6;
    private static final String INFINITY = "infinity";
    private static final String MINUS_INFINITY = "-infinity";

    private TimeDatums() {}

    static boolean parse(final ValueKind kind, final TextCursor text, final DatumBytes out) {
        return switch (kind) {
            case DATE -> date(text, out);
            case TIME -> time(text, out);
            case TIMETZ -> timeWithZone(text, out);
            case TIMESTAMP -> timestamp(text, "", out);
            case TIMESTAMPTZ -> timestamp(text, "+00", out);
            case INTERVAL -> interval(text, out);
            default -> false;
        };
    }

    private static boolean date(final TextCursor text, final DatumBytes out) {
        if (text.take(INFINITY)) {
            out.put32(Integer.MAX_VALUE);
            return text.atEnd();
        }
        if (text.take(MINUS_INFINITY)) {
            out.put32(Integer.MIN_VALUE);
            return text.atEnd();
        }
        final long day = day(text, 0);
        out.put32((int) day);
        return day != NONE && text.atEnd();
    }

    private static boolean timestamp(final TextCursor text, final String zone, final DatumBytes out) {
        if (text.take(INFINITY)) {
            out.put64(Long.MAX_VALUE);
            return text.atEnd();
        }
        if (text.take(MINUS_INFINITY)) {
            out.put64(Long.MIN_VALUE);
            return text.atEnd();
        }
        // What is before Christ says so only at the end.
        final int left = text.left();
        final boolean before = left > 3 && text.peek(left - 2) == 'B' && text.peek(left - 1) == 'C';
        final long day = day(text, before ? 1 : -1);
        if (day == NONE || !text.take(' ')) {
            return false;
        }
        final long micros = clock(text, 1);
        out.put64(day * MICROS_PER_DAY + micros);
        return micros != NONE && text.take(zone) && (!before || text.take(" BC")) && text.atEnd();
    }

    /** Year, month and day; the era is what follows (0), or known to be after (-1) or before Christ (1). */
    private static long day(final TextCursor text, final int era) {
        final long year = text.digits();
        if (year == NONE || !text.take('-')) {
            return NONE;
        }
        final long month = text.digits(2);
        if (month == NONE || !text.take('-')) {
            return NONE;
        }
        final long day = text.digits(2);
        if (day == NONE) {
            return NONE;
        }
        final boolean before = era == 0 ? text.take(" BC") : era > 0;
        return julianDay(before ? 1 - year : year, month, day) - EPOCH_JULIAN_DAY;
    }

    /** date2j of utils/adt/datetime.c. */
    private static long julianDay(final long year, final long month, final long day) {
        final long shiftedMonth = month > 2 ? month + 1 : month + 13;
        final long shiftedYear = month > 2 ? year + 4800 : year + 4799;
        final long century = shiftedYear / 100;
        return shiftedYear * 365 - 32167 + shiftedYear / 4 - century + century / 4 + 7834 * shiftedMonth / 256 + day;
    }

    private static boolean time(final TextCursor text, final DatumBytes out) {
        final long micros = clock(text, 1);
        out.put64(micros);
        return micros != NONE && text.atEnd();
    }

    private static boolean timeWithZone(final TextCursor text, final DatumBytes out) {
        final long micros = clock(text, 1);
        final boolean east = text.take('+');
        if (micros == NONE || (!east && !text.take('-'))) {
            return false;
        }
        long seconds = text.digits(2) * SECONDS_PER_HOUR;
        if (text.take(':')) {
            seconds += text.digits(2) * SECONDS_PER_MINUTE;
        }
        if (text.take(':')) {
            seconds += text.digits(2);
        }
        out.put64(micros);
        out.put32((int) (east ? -seconds : seconds));
        return text.atEnd();
    }

    /** Hours, minutes, seconds and their fraction, times a sign: the least interval has no positive counterpart. */
    private static long clock(final TextCursor text, final int sign) {
        final long hours = text.digits();
        if (hours == NONE || !text.take(':')) {
            return NONE;
        }
        final long minutes = text.digits(2);
        if (minutes == NONE || !text.take(':')) {
            return NONE;
        }
        final long seconds = text.digits(2);
        if (seconds == NONE) {
            return NONE;
        }
        long fraction = 0;
        if (text.take('.')) {
            for (int i = 0; i < FRACTION_DIGITS; i++) {
                fraction = fraction * 10 + (TextCursor.isDigit(text.peek()) ? text.next() - '0' : 0);
            }
        }
        return sign * (hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + seconds) * MICROS_PER_SECOND
                + sign * fraction;
    }

    private static boolean interval(final TextCursor text, final DatumBytes out) {
        if (text.take(INFINITY)) {
            return putInterval(Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, out) && text.atEnd();
        }
        if (text.take(MINUS_INFINITY)) {
            return putInterval(Long.MIN_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE, out) && text.atEnd();
        }
        long months = 0;
        long days = 0;
        while (!text.atEnd()) {
            final int sign = text.take('-') ? -1 : 1;
            if (sign > 0) {
                text.take('+');
            }
            int width = 0;
            while (TextCursor.isDigit(text.peek(width))) {
                width++;
            }
            if (text.peek(width) == ':') {
                final long micros = clock(text, sign);
                return micros != NONE && putInterval(micros, days, months, out) && text.atEnd();
            }
            final long number = text.digits();
            if (number == NONE || !text.take(' ')) {
                return false;
            }
            if (text.take("year")) {
                months += sign * number * MONTHS_PER_YEAR;
            } else if (text.take("mon")) {
                months += sign * number;
            } else if (text.take("day")) {
                days = sign * number;
            } else {
                return false;
            }
            text.take('s');
            text.take(' ');
        }
        return putInterval(0, days, months, out);
    }

    private static boolean putInterval(final long micros, final long days, final long months, final DatumBytes out) {
        out.put64(micros);
        out.put32((int) days);
        out.put32((int) months);
        return true;
    }
}
