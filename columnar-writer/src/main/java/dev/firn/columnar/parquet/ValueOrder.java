package dev.firn.columnar.parquet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.kernel.Bits;
import dev.firn.columnar.kernel.Ranges;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** How values of a column compare (ColumnOrder's TypeDefinedOrder): finds the least and the greatest of a page as PLAIN bytes, and compares those. */
enum ValueOrder {
    BOOLEAN,
    INT,
    LONG,
    /** Without NaN; −0 as the least and +0 as the greatest of zeros. */
    FLOAT,
    /** As {@link #FLOAT}. */
    DOUBLE,
    /** Unsigned, byte by byte. */
    BYTES,
    /** Two's complement, the most significant byte first, all of one length. */
    BIG_ENDIAN;

    private static final long SIGN = 1L << (Long.SIZE - 1);

    /** The least and the greatest of a page; null when there are none, or NaN alone. */
    Extremes extremes(final PageValues page) {
        final int count = page.count();
        if (count == 0) {
            return Extremes.NONE;
        }
        final MemorySegment in = page.values();
        final long at = page.valuesAt();
        if (page.isConstant() && this != FLOAT && this != DOUBLE) {
            final byte[] only = bytes(page, 0);
            return new Extremes(only, only);
        }
        return switch (this) {
            case BOOLEAN ->
                new Extremes(
                        bit(!anyBit(in, at * Byte.SIZE, count, false)), bit(anyBit(in, at * Byte.SIZE, count, true)));
            case INT -> new Extremes(ints(Ranges.leastInt(in, at, count)), ints(Ranges.greatestInt(in, at, count)));
            case LONG ->
                new Extremes(longs(Ranges.leastLong(in, at, count)), longs(Ranges.greatestLong(in, at, count)));
            case FLOAT -> {
                final float least = Ranges.leastFloat(in, at, count);
                final float greatest = Ranges.greatestFloat(in, at, count);
                yield least > greatest
                        ? Extremes.NONE
                        : new Extremes(
                                ints(Float.floatToRawIntBits(least == 0 ? -0.0f : least)),
                                ints(Float.floatToRawIntBits(greatest == 0 ? 0.0f : greatest)));
            }
            case DOUBLE -> {
                final double least = Ranges.leastDouble(in, at, count);
                final double greatest = Ranges.greatestDouble(in, at, count);
                yield least > greatest
                        ? Extremes.NONE
                        : new Extremes(
                                longs(Double.doubleToRawLongBits(least == 0 ? -0.0 : least)),
                                longs(Double.doubleToRawLongBits(greatest == 0 ? 0.0 : greatest)));
            }
            case BYTES, BIG_ENDIAN -> byteExtremes(page);
        };
    }

    /**
     * What a page's values lie between, as PLAIN bytes.
     *
     * @param least null when there is none.
     * @param greatest null when there is none.
     */
    record Extremes(byte[] least, byte[] greatest) {
        static final Extremes NONE = new Extremes(null, null);
    }

    private static byte[] bit(final boolean set) {
        return new byte[] {(byte) (set ? 1 : 0)};
    }

    /** Whether any of the bits is set, or any is not. */
    private static boolean anyBit(final MemorySegment in, final long first, final int count, final boolean set) {
        for (int i = 0; i < count; i += Long.SIZE) {
            final int bits = Math.min(Long.SIZE, count - i);
            final long all = bits == Long.SIZE ? -1 : (1L << bits) - 1;
            final long word = Bits.word(in, first + i, bits);
            if (set ? word != 0 : word != all) {
                return true;
            }
        }
        return false;
    }

    /** By their first eight bytes, as numbers; the rest is only looked at where those are equal. */
    private Extremes byteExtremes(final PageValues page) {
        final long flip = this == BIG_ENDIAN ? 0 : SIGN;
        final MemorySegment in = page.values();
        final boolean variable = page.width() == PageValues.VARIABLE;
        final MemorySegment offsets = page.offsets();
        final int count = page.count();
        int least = 0;
        long leastHead = head(page, 0) ^ flip;
        int greatest = 0;
        long greatestHead = leastHead;
        long start = page.start(1);
        for (int i = 1; i < count; i++) {
            final long end = variable
                    ? LittleEndian.getUnsignedInt(offsets, page.offsetsAt() + (i + 1L) * Integer.BYTES)
                    : start + page.width();
            final long head = head(in, start, (int) (end - start)) ^ flip;
            start = end;
            if (head < leastHead || (head == leastHead && compareTails(page, i, least) < 0)) {
                least = i;
                leastHead = head;
            }
            if (head > greatestHead || (head == greatestHead && compareTails(page, i, greatest) > 0)) {
                greatest = i;
                greatestHead = head;
            }
        }
        return new Extremes(bytes(page, least), bytes(page, greatest));
    }

    /** As {@link #extremes}, of bytes of which each value stands in one of these rows, 32-bit numbers; there is one at least. */
    Extremes byteExtremes(final PageValues page, final MemorySegment rows, final int count) {
        int least = LittleEndian.getInt(rows, 0);
        int greatest = least;
        long leastHead = head(page, least) ^ SIGN;
        long greatestHead = leastHead;
        for (int i = 1; i < count; i++) {
            final int row = LittleEndian.getInt(rows, (long) i * Integer.BYTES);
            final long head = head(page, row) ^ SIGN;
            if (head < leastHead || (head == leastHead && compareTails(page, row, least) < 0)) {
                least = row;
                leastHead = head;
            }
            if (head > greatestHead || (head == greatestHead && compareTails(page, row, greatest) > 0)) {
                greatest = row;
                greatestHead = head;
            }
        }
        return new Extremes(bytes(page, least), bytes(page, greatest));
    }

    private static byte[] bytes(final PageValues page, final int index) {
        final byte[] bytes = new byte[page.length(index)];
        MemorySegment.copy(page.values(), JAVA_BYTE, page.start(index), bytes, 0, bytes.length);
        return bytes;
    }

    private static long head(final PageValues page, final int index) {
        return head(page.values(), page.start(index), page.length(index));
    }

    private static long head(final MemorySegment in, final long start, final int length) {
        if (length >= Long.BYTES) {
            return Long.reverseBytes(LittleEndian.getLong(in, start));
        }
        if (length > 0 && start + Long.BYTES <= in.byteSize()) {
            return Long.reverseBytes(LittleEndian.getLong(in, start)) & -1L << (Long.SIZE - Byte.SIZE * length);
        }
        long head = 0;
        for (int i = 0; i < length; i++) {
            head |= (long) LittleEndian.getUnsignedByte(in, start + i) << (Long.SIZE - Byte.SIZE * (i + 1));
        }
        return head;
    }

    private static int compareTails(final PageValues page, final int one, final int other) {
        final long start = page.start(one);
        final long otherStart = page.start(other);
        final int length = page.length(one);
        final int otherLength = page.length(other);
        final int common = Math.min(length, otherLength);
        final MemorySegment in = page.values();
        int i = Math.min(common, Long.BYTES);
        for (; i + Long.BYTES <= common; i += Long.BYTES) {
            final long word = LittleEndian.getLong(in, start + i);
            final long otherWord = LittleEndian.getLong(in, otherStart + i);
            if (word != otherWord) {
                return Long.compareUnsigned(Long.reverseBytes(word), Long.reverseBytes(otherWord));
            }
        }
        for (; i < common; i++) {
            final int difference =
                    LittleEndian.getUnsignedByte(in, start + i) - LittleEndian.getUnsignedByte(in, otherStart + i);
            if (difference != 0) {
                return difference;
            }
        }
        return length - otherLength;
    }

    /** Compares PLAIN bytes of two values. */
    int compare(final byte[] one, final byte[] other) {
        return switch (this) {
            case BOOLEAN, BYTES -> Arrays.compareUnsigned(one, other);
            case INT -> Integer.compare(wrap(one).getInt(), wrap(other).getInt());
            case LONG -> Long.compare(wrap(one).getLong(), wrap(other).getLong());
            case FLOAT -> Float.compare(wrap(one).getFloat(), wrap(other).getFloat());
            case DOUBLE -> Double.compare(wrap(one).getDouble(), wrap(other).getDouble());
            case BIG_ENDIAN ->
                one[0] < 0 == other[0] < 0 ? Arrays.compareUnsigned(one, other) : Byte.compare(one[0], other[0]);
        };
    }

    /** Whether the first values are in rising order already: then a page's range rules out what a bloom filter would. */
    boolean isRising(final PageValues page) {
        if (this != INT && this != LONG && this != BYTES) {
            return false;
        }
        for (int i = 1; i < page.count(); i++) {
            final boolean falls = switch (this) {
                case INT ->
                    LittleEndian.getInt(page.values(), page.start(i))
                            < LittleEndian.getInt(page.values(), page.start(i - 1));
                case LONG ->
                    LittleEndian.getLong(page.values(), page.start(i))
                            < LittleEndian.getLong(page.values(), page.start(i - 1));
                default -> {
                    final int heads = Long.compareUnsigned(head(page, i), head(page, i - 1));
                    yield heads < 0 || (heads == 0 && compareTails(page, i, i - 1) < 0);
                }
            };
            if (falls) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ints(final int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] longs(final long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static ByteBuffer wrap(final byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
