package dev.firn.nativeio.checksum;

/**
 * Arithmetic on polynomials over GF(2) modulo the Castagnoli polynomial, bit-reflected: bit 31 holds the coefficient of
 * x^0.
 *
 * <p>Appending n bytes to A multiplies A's remainder by x^(8n). Initial and final inversion cancel out, so that
 * {@code crc(A ++ B) = crc(A) * x^(8n) + crc(B)}, n being the length of B.
 */
final class Crc32cPolynomial {
    /** 0x1EDC6F41 reflected, without x^32. RFC 3720, section 12.1. */
    private static final int POLYNOMIAL = 0x82F6_3B78;

    private static final int ONE = 1 << 31;
    private static final int X = 1 << 30;

    /** {@code POWERS[k]} is x^(8 * 2^k): what appending 2^k bytes multiplies with. */
    private static final int[] POWERS = powers();

    private Crc32cPolynomial() {}

    static int combine(final int crcA, final int crcB, final long lengthBytesB) {
        if (lengthBytesB < 0) {
            throw new IllegalArgumentException("length of the second part is negative: " + lengthBytesB);
        }
        int shifted = crcA;
        for (long bits = lengthBytesB; bits != 0; bits &= bits - 1) {
            shifted = multiply(shifted, POWERS[Long.numberOfTrailingZeros(bits)]);
        }
        return shifted ^ crcB;
    }

    private static int multiply(final int a, final int b) {
        int product = 0;
        int term = b;
        for (int factor = a; factor != 0; factor <<= 1) {
            if (factor < 0) {
                product ^= term;
            }
            term = (term >>> 1) ^ ((term & 1) == 0 ? 0 : POLYNOMIAL);
        }
        return product;
    }

    private static int[] powers() {
        final int[] powers = new int[Long.SIZE - 1];
        int power = ONE;
        for (int i = 0; i < Byte.SIZE; i++) {
            power = multiply(power, X);
        }
        for (int k = 0; k < powers.length; k++) {
            powers[k] = power;
            power = multiply(power, power);
        }
        return powers;
    }
}
