package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Four words, each with a pair of values, as one group of packed ones.. */
final class PairWords {
    private static final int PAIRS = 4;

    private PairWords() {}

    /** Four words of {@code pair} bits each, 2 to 64. */
    static void store(
            final long a,
            final long b,
            final long c,
            final long d,
            final int pair,
            final MemorySegment out,
            final long at) {
        if (pair <= Long.SIZE / PAIRS) {
            LittleEndian.putLong(out, at, a | b << pair | c << (2 * pair) | d << (3 * pair));
        } else if (pair <= Long.SIZE / 2) {
            final int four = 2 * pair;
            final long low = a | b << pair;
            final long high = c | d << pair;
            if (four == Long.SIZE) {
                LittleEndian.putLong(out, at, low);
                LittleEndian.putLong(out, at + Long.BYTES, high);
            } else {
                LittleEndian.putLong(out, at, low | high << four);
                LittleEndian.putLong(out, at + Long.BYTES, high >>> (Long.SIZE - four));
            }
        } else {
            spread(a, b, c, d, pair, out, at);
        }
    }

    /** Pairs of 34 to 64 bits: word after word. */
    private static void spread(
            final long a,
            final long b,
            final long c,
            final long d,
            final int pair,
            final MemorySegment out,
            final long at) {
        if (pair == Long.SIZE) {
            LittleEndian.putLong(out, at, a);
            LittleEndian.putLong(out, at + Long.BYTES, b);
            LittleEndian.putLong(out, at + 2 * Long.BYTES, c);
            LittleEndian.putLong(out, at + 3 * Long.BYTES, d);
            return;
        }
        LittleEndian.putLong(out, at, a | b << pair);
        final int twice = 2 * pair - Long.SIZE;
        final long second = b >>> (Long.SIZE - pair);
        LittleEndian.putLong(out, at + Long.BYTES, second | c << twice);
        // The third pair ends in the second word when it fits there, else in the third.
        final int thrice = twice + pair;
        if (thrice < Long.SIZE) {
            LittleEndian.putLong(out, at + Long.BYTES, second | c << twice | d << thrice);
            LittleEndian.putLong(out, at + 2 * Long.BYTES, d >>> (Long.SIZE - thrice));
        } else {
            final int over = thrice - Long.SIZE;
            final long third = over == 0 ? 0 : c >>> (pair - over);
            LittleEndian.putLong(out, at + 2 * Long.BYTES, third | d << over);
            LittleEndian.putLong(out, at + 3 * Long.BYTES, over == 0 ? 0 : d >>> (Long.SIZE - over));
        }
    }
}
