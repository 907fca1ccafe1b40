package dev.firn.postgres.lake;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.NumericFlyweight;
import java.lang.foreign.MemorySegment;

/**
 * A numeric as an unscaled integer of 128 bits. Read {@link #high} and {@link #low} after a {@link #read} that returned true. Owned by one
 * thread.
 */
public final class DecimalReader {
    /** What {@link #small} says of a value that it does not read. */
    public static final long NOT_SMALL = Long.MIN_VALUE;

    private static final int DIGIT_WIDTH = 4;

    /** Most digits of base 10,000 whose number has 63 bits for certain. */
    private static final int SMALL_DIGITS = 4;

    // The header of a short numeric (utils/adt/numeric.c).
    private static final int FORM_MASK = 0xC000;
    private static final int SHORT_FORM = 0x8000;
    private static final int SHORT_SIGN = 0x2000;
    private static final int SHORT_SCALE_MASK = 0x1F80;
    private static final int SHORT_SCALE_SHIFT = 7;
    private static final int SHORT_WEIGHT_BITS = 7;
    private static final long DIGIT = 10_000;

    // Four digits in a word: one is too large when it has its uppermost bit, or gets it with what is above 9,999.
    private static final long DIGIT_MASK = 0xFFFF;
    private static final long EVEN_DIGITS = 0x0000_FFFF_0000_FFFFL;
    private static final long PAIR_MASK = 0xFFFF_FFFFL;
    private static final long UPPERMOST = 0x8000_8000_8000_8000L;
    private static final long LOWER_15 = ~UPPERMOST;
    private static final long ABOVE_DIGITS = 0x58F0_58F0_58F0_58F0L;

    /** Powers of ten to 10 to the 38th. */
    private static final long[] POWER_HIGH = new long[LakeType.MAX_PRECISION + 1];

    private static final long[] POWER_LOW = new long[LakeType.MAX_PRECISION + 1];

    static {
        POWER_LOW[0] = 1;
        for (int i = 1; i <= LakeType.MAX_PRECISION; i++) {
            POWER_LOW[i] = POWER_LOW[i - 1] * 10;
            POWER_HIGH[i] = POWER_HIGH[i - 1] * 10 + Math.unsignedMultiplyHigh(POWER_LOW[i - 1], 10);
        }
    }

    private final NumericFlyweight numeric = new NumericFlyweight();
    private long high;
    private long low;

    /** The upper 64 bits, with the sign. */
    public long high() {
        return high;
    }

    /** The lower 64 bits. */
    public long low() {
        return low;
    }

    /**
     * Reads a value.
     *
     * @return whether it fits decimal(precision, scale) exactly: it is a number, is shown with exactly this scale, and has no more digits.
     */
    public boolean read(final DatumFlyweight datum, final int precision, final int scale) {
        numeric.wrap(datum);
        if (numeric.isSpecial() || numeric.scale() != scale) {
            return false;
        }
        high = 0;
        low = 0;
        final int wholeDigits = Math.max(numeric.weight() + 1, 0);
        if ((wholeDigits - 1) * DIGIT_WIDTH >= precision && numeric.digitCount() > 0) {
            return false;
        }
        for (int power = wholeDigits - 1; power >= 0; power--) {
            if (!append(numeric.digit(power), DIGIT)) {
                return false;
            }
        }
        // Digits of base 10,000 after the point; of the last one only what the scale shows, the rest of which is zero.
        int left = scale;
        for (int power = -1; left > 0; power--) {
            int digit = numeric.digit(power);
            long unit = DIGIT;
            for (int cut = DIGIT_WIDTH; cut > left; cut--) {
                if (digit % 10 != 0) {
                    return false;
                }
                digit /= 10;
                unit /= 10;
            }
            if (!append(digit, unit)) {
                return false;
            }
            left -= DIGIT_WIDTH;
        }
        if (numeric.digitCount() > 0
                && numeric.weight() - numeric.digitCount() + 1 < -(scale + DIGIT_WIDTH - 1) / DIGIT_WIDTH) {
            return false;
        }
        if (compareUnsigned(high, low, POWER_HIGH[precision], POWER_LOW[precision]) >= 0) {
            return false;
        }
        if (numeric.isNegative()) {
            low = -low;
            high = ~high + (low == 0 ? 1 : 0);
        }
        return true;
    }

    /**
     * Reads the common value: of a short header and few digits, and stored as make_result of utils/adt/numeric.c stores it, without zeroes at either
     * end; so that the number has the value's bytes. In one pass without state.
     *
     * @param at of the value, behind its varlena header.
     * @param precision 18 at most.
     * @return {@link #NOT_SMALL} for all others; {@link #read} says of those whether they fit.
     */
    public static long small(
            final MemorySegment segment, final long at, final int length, final int precision, final int scale) {
        if (length < Short.BYTES || (length & 1) != 0) {
            return NOT_SMALL;
        }
        final int header = LittleEndian.getUnsignedShort(segment, at);
        final int weight = header << (Integer.SIZE - SHORT_WEIGHT_BITS) >> (Integer.SIZE - SHORT_WEIGHT_BITS);
        final int digits = length / Short.BYTES - 1;
        final int groups = (scale + DIGIT_WIDTH - 1) / DIGIT_WIDTH;
        final int power = weight - digits + 1;
        if ((header & FORM_MASK) != SHORT_FORM
                || (header & SHORT_SCALE_MASK) >>> SHORT_SCALE_SHIFT != scale
                || weight + 1 + groups > SMALL_DIGITS
                || power < -groups) {
            return NOT_SMALL;
        }
        if (digits == 0) {
            return header == (SHORT_FORM | scale << SHORT_SCALE_SHIFT) ? 0 : NOT_SMALL;
        }
        // All digits in one word, the first in its lowest lane; those that are not there are zeroes.
        final long word = digits(segment, at + Short.BYTES, digits);
        if (((word | (word & LOWER_15) + ABOVE_DIGITS) & UPPERMOST) != 0
                || (word & DIGIT_MASK) == 0
                || word >>> ((digits - 1) * Short.SIZE) == 0) {
            return NOT_SMALL;
        }
        // The last digit that the scale has comes to stand in the uppermost lane, with zeroes below the first one.
        final long aligned = word << ((SMALL_DIGITS - 1 - weight - groups) * Short.SIZE);
        // Pairs of digits side by side, then the pairs.
        final long pairs = (aligned & EVEN_DIGITS) * DIGIT + (aligned >>> Short.SIZE & EVEN_DIGITS);
        final long value = (pairs & PAIR_MASK) * (DIGIT * DIGIT) + (pairs >>> Integer.SIZE);
        final long shown = withoutZeroes(value, groups * DIGIT_WIDTH - scale);
        if (shown < 0 || shown >= POWER_LOW[precision]) {
            return NOT_SMALL;
        }
        return (header & SHORT_SIGN) != 0 ? -shown : shown;
    }

    /** Up to four digits of base 10,000, 16 bits each. */
    private static long digits(final MemorySegment segment, final long at, final int digits) {
        if (at + Long.BYTES <= segment.byteSize()) {
            return LittleEndian.getLong(segment, at) & -1L >>> (Long.SIZE - digits * Short.SIZE);
        }
        long word = 0;
        for (int i = 0; i < digits; i++) {
            word |= (long) LittleEndian.getUnsignedShort(segment, at + (long) i * Short.BYTES) << (i * Short.SIZE);
        }
        return word;
    }

    /** Divided by a power of ten that divides it, each a constant: else less than 0. */
    private static long withoutZeroes(final long value, final int zeroes) {
        return switch (zeroes) {
            case 0 -> value;
            case 1 -> value % 10 == 0 ? value / 10 : -1;
            case 2 -> value % 100 == 0 ? value / 100 : -1;
            default -> value % 1000 == 0 ? value / 1000 : -1;
        };
    }

    /** Times a factor, plus a digit; whether the product is below 2 to the 127th, as all are that fit. */
    private boolean append(final int digit, final long factor) {
        if (high >= Long.MAX_VALUE / factor) {
            return false;
        }
        final long product = low * factor;
        final long carry = Math.unsignedMultiplyHigh(low, factor);
        low = product + digit;
        high = high * factor + carry + (Long.compareUnsigned(low, product) < 0 ? 1 : 0);
        return true;
    }

    private static int compareUnsigned(final long high, final long low, final long otherHigh, final long otherLow) {
        final int compared = Long.compareUnsigned(high, otherHigh);
        return compared != 0 ? compared : Long.compareUnsigned(low, otherLow);
    }
}
