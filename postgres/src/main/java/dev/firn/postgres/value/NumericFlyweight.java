package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/**
 * A numeric in place, as utils/adt/numeric.c stores it: a short or long header, then digits of base 10,000, the most significant first.
 * Read fields after {@link #wrap}.
 */
public final class NumericFlyweight {
    private static final int DIGIT = 10_000;
    private static final int DIGIT_WIDTH = 4;
    private static final int SPECIAL_MASK = 0xF000;
    private static final int NAN = 0xC000;
    private static final int POSITIVE_INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;
    private static final int NEGATIVE = 0x4000;
    private static final int SIGN_MASK = 0xC000;
    private static final int SPECIAL = 0xC000;
    private static final int SHORT = 0x8000;
    private static final int SHORT_SIGN = 0x2000;
    private static final int SHORT_SCALE_MASK = 0x1F80;
    private static final int SHORT_SCALE_SHIFT = 7;
    private static final int SHORT_WEIGHT_SIGN = 0x0040;
    private static final int SHORT_WEIGHT_MASK = 0x003F;
    private static final int LONG_SCALE_MASK = 0x3FFF;

    private DatumFlyweight datum;
    private int special;
    private boolean negative;
    private int scale;
    private int weight;
    private int first;
    private int digits;

    /** Borrows a value, without its varlena header. */
    public NumericFlyweight wrap(final DatumFlyweight value) {
        datum = value;
        final int header = value.unsignedShort(0);
        special = (header & SIGN_MASK) == SPECIAL ? header & SPECIAL_MASK : 0;
        if (special != 0) {
            if (special != NAN && special != POSITIVE_INFINITY && special != NEGATIVE_INFINITY) {
                throw new MalformedDataException("a numeric with header " + header);
            }
            return this;
        }
        if ((header & SHORT) != 0) {
            negative = (header & SHORT_SIGN) != 0;
            scale = (header & SHORT_SCALE_MASK) >>> SHORT_SCALE_SHIFT;
            weight = (header & SHORT_WEIGHT_SIGN) != 0
                    ? (header & SHORT_WEIGHT_MASK) | ~SHORT_WEIGHT_MASK
                    : header & SHORT_WEIGHT_MASK;
            first = Short.BYTES;
        } else {
            negative = (header & SIGN_MASK) == NEGATIVE;
            scale = header & LONG_SCALE_MASK;
            weight = (short) value.unsignedShort(Short.BYTES);
            first = 2 * Short.BYTES;
        }
        if (((value.length() - first) & 1) != 0) {
            throw new MalformedDataException("a numeric of " + value.length() + " bytes");
        }
        digits = (value.length() - first) / Short.BYTES;
        return this;
    }

    /** Whether it is NaN or an infinity; it has no other fields then. */
    public boolean isSpecial() {
        return special != 0;
    }

    /** Whether it is less than zero. */
    public boolean isNegative() {
        return negative;
    }

    /** Digits after the decimal point that are shown. */
    public int scale() {
        return scale;
    }

    /** The power of 10,000 of the first digit. */
    public int weight() {
        return weight;
    }

    /** How many digits of base 10,000 are stored. */
    public int digitCount() {
        return digits;
    }

    /** The digit of a power of 10,000; 0 where none is stored. */
    public int digit(final int power) {
        final int index = weight - power;
        if (index < 0 || index >= digits) {
            return 0;
        }
        final int digit = datum.unsignedShort(first + index * Short.BYTES);
        if (digit >= DIGIT) {
            throw new MalformedDataException("a numeric with a digit of " + digit + ", in base " + DIGIT);
        }
        return digit;
    }

    void print(final TextBuffer out) {
        if (special != 0) {
            out.put(special == NAN ? "NaN" : special == POSITIVE_INFINITY ? "Infinity" : "-Infinity");
            return;
        }
        if (negative) {
            out.put('-');
        }
        if (weight < 0) {
            out.put('0');
        } else {
            out.putPadded(digit(weight), 1);
            for (int power = weight - 1; power >= 0; power--) {
                out.putPadded(digit(power), DIGIT_WIDTH);
            }
        }
        if (scale > 0) {
            out.put('.');
            final int end = out.length() + scale;
            for (int power = -1; out.length() < end; power--) {
                out.putPadded(digit(power), DIGIT_WIDTH);
            }
            out.cut(end);
        }
    }
}
