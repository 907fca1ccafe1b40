package dev.firn.columnar.rebuild;

import java.util.Arrays;

/**
 * Numerics as make_result_opt_error of utils/adt/numeric.c stores them: digits of base 10,000 without zeroes at either end, and the short header
 * where it fits. Takes decimal digits from the last one on. Owned by one thread.
 */
final class NumericForm {
    static final int NAN = 0xC000;
    static final int POSITIVE_INFINITY = 0xD000;
    static final int NEGATIVE_INFINITY = 0xF000;

    /** NUMERIC_MAX_RESULT_SCALE and more: the digits before and after the point that the long header has room for. */
    private static final int MAX_GROUPS = (131_072 + 16_384) / 4 + 2;

    private static final int MAX_SCALE = 0x3FFF;
    private static final int SHORT = 0x8000;
    private static final int SHORT_NEGATIVE = 0x2000;
    private static final int SHORT_SCALE_SHIFT = 7;
    private static final int SHORT_MAX_SCALE = 0x3F;
    private static final int SHORT_MAX_WEIGHT = 0x3F;
    private static final int SHORT_MIN_WEIGHT = -0x40;
    private static final int SHORT_WEIGHT_MASK = 0x7F;
    private static final int LONG_NEGATIVE = 0x4000;
    private static final int GROUP_WIDTH = 4;
    private static final int GROUP = 10_000;
    private static final long INT_MASK = 0xFFFF_FFFFL;
    private static final int[] POWERS = {1, 10, 100, 1000};

    /** Groups of four digits, the last one first. */
    private short[] groups = new short[64];

    private int count;

    /** Puts a decimal of 128 bits, in two's complement. */
    void put(final long high, final long low, final int scale, final DatumBytes out) {
        count = 0;
        final boolean negative = high < 0;
        long upper = high;
        long lower = low;
        if (negative) {
            lower = -lower;
            upper = ~upper + (lower == 0 ? 1 : 0);
        }
        int width = scale % GROUP_WIDTH;
        while (upper != 0 || lower != 0) {
            final int divisor = width == 0 ? GROUP : POWERS[width];
            final long digits;
            if (upper == 0) {
                digits = Long.remainderUnsigned(lower, divisor);
                lower = Long.divideUnsigned(lower, divisor);
            } else {
                final long first = Long.divideUnsigned(upper, divisor);
                long rest = Long.remainderUnsigned(upper, divisor) << Integer.SIZE | lower >>> Integer.SIZE;
                final long second = rest / divisor;
                rest = rest % divisor << Integer.SIZE | (lower & INT_MASK);
                upper = first;
                lower = second << Integer.SIZE | rest / divisor;
                digits = rest % divisor;
            }
            add((int) (width == 0 ? digits : digits * POWERS[GROUP_WIDTH - width]));
            width = 0;
        }
        finish(negative, scale, out);
    }

    /** Begins a numeric whose groups are {@link #add}ed, the last one first. */
    void begin() {
        count = 0;
    }

    boolean hasRoom() {
        return count < MAX_GROUPS;
    }

    void add(final int group) {
        if (count == groups.length) {
            groups = Arrays.copyOf(groups, 2 * count);
        }
        groups[count++] = (short) group;
    }

    /** Puts what was added, of which as many groups are fractions as the scale takes. Whether it fits a numeric. */
    boolean finish(final boolean negative, final int scale, final DatumBytes out) {
        final int fractions = (scale + GROUP_WIDTH - 1) / GROUP_WIDTH;
        int first = count;
        while (first > 0 && groups[first - 1] == 0) {
            first--;
        }
        int last = 0;
        while (last < first && groups[last] == 0) {
            last++;
        }
        final boolean zero = first == last;
        final int weight = zero ? 0 : first - 1 - fractions;
        final boolean minus = negative && !zero;
        if (scale > MAX_SCALE || weight > Short.MAX_VALUE || weight < Short.MIN_VALUE) {
            return false;
        }
        if (scale <= SHORT_MAX_SCALE && weight <= SHORT_MAX_WEIGHT && weight >= SHORT_MIN_WEIGHT) {
            out.put16(SHORT | (minus ? SHORT_NEGATIVE : 0) | scale << SHORT_SCALE_SHIFT | (weight & SHORT_WEIGHT_MASK));
        } else {
            out.put16((minus ? LONG_NEGATIVE : 0) | scale);
            out.put16(weight);
        }
        for (int i = first - 1; i >= last; i--) {
            out.put16(groups[i]);
        }
        return true;
    }
}
