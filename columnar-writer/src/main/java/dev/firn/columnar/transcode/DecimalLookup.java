package dev.firn.columnar.transcode;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.lake.DecimalReader;
import java.lang.foreign.MemorySegment;

/**
 * What the shortest numerics of a column are as decimals, by their bytes: quantities, rates and round prices are the same few again and again. A place
 * for each hash, which has the last value that came to it. Owned by one thread.
 */
final class DecimalLookup {
    /** Most bytes of a value that is looked up: what is left of a word has their number. */
    private static final int MOST_BYTES = 6;

    private static final int PLACE_BITS = 9;
    private static final int WORDS = 2;
    private static final int LENGTH_SHIFT = MOST_BYTES * Byte.SIZE;
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    /** The bytes with their number, which are never 0, then the decimal. */
    private final long[] known = new long[WORDS << PLACE_BITS];

    private final int precision;
    private final int scale;

    DecimalLookup(final int precision, final int scale) {
        this.precision = precision;
        this.scale = scale;
    }

    /** As {@link DecimalReader#small}. */
    long small(final MemorySegment pages, final long at, final int length) {
        if (length > MOST_BYTES || length < 1 || at + Long.BYTES > pages.byteSize()) {
            return DecimalReader.small(pages, at, length, precision, scale);
        }
        // How long it is counts: a digit more that is zero is another value's form.
        final long bytes =
                (LittleEndian.getLong(pages, at) & (1L << (length * Byte.SIZE)) - 1) | (long) length << LENGTH_SHIFT;
        final int place = (int) ((bytes * FACTOR) >>> (Long.SIZE - PLACE_BITS)) * WORDS;
        if (known[place] == bytes) {
            return known[place + 1];
        }
        final long value = DecimalReader.small(pages, at, length, precision, scale);
        known[place] = bytes;
        known[place + 1] = value;
        return value;
    }
}
