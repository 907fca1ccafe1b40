package dev.firn.postgres.value;

import java.math.BigInteger;

/**
 * The shortest decimal that lies strictly between a float's neighbours' halfway points, the closest of the shortest: what
 * double_to_shortest_decimal_buf (common/d2s.c) and float_to_shortest_decimal_buf (common/f2s.c) print. Postgres leaves the halfway points
 * themselves out, unlike {@code Double.toString}, which also never prints fewer than two digits.
 *
 * <p>The algorithm is Raffaello Giulietti's (The Schubfach way to render doubles), with the interval always open.
 */
final class FloatText {
    private static final int LEAST_POWER = -324;
    private static final int GREATEST_POWER = 292;
    private static final int GUARD_BITS = 125;
    private static final int HALF_BITS = 63;
    private static final long MASK_63 = Long.MAX_VALUE;

    /** Upper and lower 63 bits of the powers of ten, normalised to 126 bits and rounded up. */
    private static final long[] POWERS = powers();

    private static final int DOUBLE_FRACTION_BITS = 52;
    private static final int DOUBLE_EXPONENT_MASK = 0x7FF;
    private static final int DOUBLE_BIAS = 1075;
    private static final int DOUBLE_FIXED_DIGITS = 15;
    private static final int FLOAT_FRACTION_BITS = 23;
    private static final int FLOAT_EXPONENT_MASK = 0xFF;
    private static final int FLOAT_BIAS = 150;
    private static final int FLOAT_FIXED_DIGITS = 6;
    private static final int LEAST_FIXED_EXPONENT = -4;
    private static final int DECIMAL = 10;

    private FloatText() {}

    static void print(final double value, final TextBuffer out) {
        final long bits = Double.doubleToRawLongBits(value);
        final int exponent = (int) (bits >>> DOUBLE_FRACTION_BITS) & DOUBLE_EXPONENT_MASK;
        final long fraction = bits & ((1L << DOUBLE_FRACTION_BITS) - 1);
        if (exponent == DOUBLE_EXPONENT_MASK) {
            printSpecial(bits < 0, fraction != 0, out);
        } else {
            printFinite(bits < 0, exponent, fraction, DOUBLE_FRACTION_BITS, DOUBLE_BIAS, DOUBLE_FIXED_DIGITS, out);
        }
    }

    static void print(final float value, final TextBuffer out) {
        final int bits = Float.floatToRawIntBits(value);
        final int exponent = (bits >>> FLOAT_FRACTION_BITS) & FLOAT_EXPONENT_MASK;
        final int fraction = bits & ((1 << FLOAT_FRACTION_BITS) - 1);
        if (exponent == FLOAT_EXPONENT_MASK) {
            printSpecial(bits < 0, fraction != 0, out);
        } else {
            printFinite(bits < 0, exponent, fraction, FLOAT_FRACTION_BITS, FLOAT_BIAS, FLOAT_FIXED_DIGITS, out);
        }
    }

    private static void printSpecial(final boolean negative, final boolean notANumber, final TextBuffer out) {
        out.put(notANumber ? "NaN" : negative ? "-Infinity" : "Infinity");
    }

    private static void printFinite(
            final boolean negative,
            final int exponent,
            final long fraction,
            final int fractionBits,
            final int bias,
            final int fixedDigits,
            final TextBuffer out) {
        if (negative) {
            out.put('-');
        }
        if (exponent == 0 && fraction == 0) {
            out.put('0');
            return;
        }
        final long c = exponent == 0 ? fraction : fraction | (1L << fractionBits);
        final int q = Math.max(exponent, 1) - bias;
        final boolean isPowerOfTwo = fraction == 0 && exponent > 1;
        final int k = power(q, isPowerOfTwo);
        long digits = shortest(c, q, k, isPowerOfTwo);
        int scale = k;
        while (digits % DECIMAL == 0) {
            digits /= DECIMAL;
            scale++;
        }
        render(digits, scale, fixedDigits, out);
    }

    /** The power of ten whose multiples are as dense as the interval of what rounds to the float: flog10pow2, flog10threeQuartersPow2. */
    private static int power(final int q, final boolean isPowerOfTwo) {
        return (int) ((q * 661_971_961_083L - (isPowerOfTwo ? 274_743_187_321L : 0)) >> 41);
    }

    private static long shortest(final long c, final int q, final int k, final boolean isPowerOfTwo) {
        final int h = q + floorLog2OfPowerOf10(-k) + 2;
        final long high = POWERS[2 * (k - LEAST_POWER)];
        final long low = POWERS[2 * (k - LEAST_POWER) + 1];
        final long fourfold = c << 2;
        final long middle = roundToOdd(high, low, fourfold << h);
        final long left = roundToOdd(high, low, (fourfold - (isPowerOfTwo ? 1 : 2)) << h);
        final long right = roundToOdd(high, low, (fourfold + 2) << h);
        final long s = middle >> 2;
        if (s >= DECIMAL) {
            final long lowerTen = s / DECIMAL * DECIMAL;
            final long upperTen = lowerTen + DECIMAL;
            final boolean lowerIn = left + 1 <= lowerTen << 2;
            final boolean upperIn = (upperTen << 2) + 1 <= right;
            if (lowerIn != upperIn) {
                return lowerIn ? lowerTen : upperTen;
            }
        }
        final long t = s + 1;
        final boolean lowerIn = left + 1 <= s << 2;
        final boolean upperIn = (t << 2) + 1 <= right;
        if (lowerIn != upperIn) {
            return lowerIn ? s : t;
        }
        final long nearer = middle - ((s + t) << 1);
        return nearer < 0 || (nearer == 0 && (s & 1) == 0) ? s : t;
    }

    private static long roundToOdd(final long high, final long low, final long factor) {
        final long x1 = Math.multiplyHigh(low, factor);
        final long y0 = high * factor;
        final long y1 = Math.multiplyHigh(high, factor);
        final long z = (y0 >>> 1) + x1;
        final long w = y1 + (z >>> HALF_BITS);
        return w | (((z & MASK_63) + MASK_63) >>> HALF_BITS);
    }

    private static int floorLog2OfPowerOf10(final int exponent) {
        return (int) ((exponent * 913_124_641_741L) >> 38);
    }

    private static void render(final long digits, final int scale, final int fixedDigits, final TextBuffer out) {
        int count = 1;
        for (long rest = digits / DECIMAL; rest != 0; rest /= DECIMAL) {
            count++;
        }
        final int exponent = scale + count - 1;
        if (exponent < LEAST_FIXED_EXPONENT || exponent >= fixedDigits) {
            final int start = out.length();
            out.putPadded(digits, count + 1);
            if (count > 1) {
                out.pointAfterFirst(start);
            } else {
                out.dropAt(start);
            }
            out.put('e').put(exponent < 0 ? '-' : '+').putPadded(Math.abs(exponent), 2);
        } else if (scale >= 0) {
            out.putPadded(digits, 1).putZeros(scale);
        } else {
            long power = 1;
            for (int i = 0; i < -scale && i < count; i++) {
                power *= DECIMAL;
            }
            if (exponent < 0) {
                out.put("0.").putPadded(digits, -scale);
            } else {
                out.putPadded(digits / power, 1).put('.').putPadded(digits % power, -scale);
            }
        }
    }

    private static long[] powers() {
        final long[] table = new long[2 * (GREATEST_POWER - LEAST_POWER + 1)];
        for (int k = LEAST_POWER; k <= GREATEST_POWER; k++) {
            final int shift = GUARD_BITS - floorLog2OfPowerOf10(-k);
            final BigInteger power = BigInteger.TEN.pow(Math.abs(k));
            final BigInteger scaled;
            if (k <= 0) {
                scaled = shift >= 0 ? power.shiftLeft(shift) : power.shiftRight(-shift);
            } else {
                scaled = BigInteger.ONE.shiftLeft(shift).divide(power);
            }
            final BigInteger rounded = scaled.add(BigInteger.ONE);
            table[2 * (k - LEAST_POWER)] = rounded.shiftRight(HALF_BITS).longValue();
            table[2 * (k - LEAST_POWER) + 1] = rounded.longValue() & MASK_63;
        }
        return table;
    }
}
