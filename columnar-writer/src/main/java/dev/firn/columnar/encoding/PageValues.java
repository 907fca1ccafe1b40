package dev.firn.columnar.encoding;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * The values of a page, nulls left out, in Arrow's layout: a window on memory that is borrowed. Reused from page to page.
 *
 * <p>Either bits, or values of a fixed width close together, or bytes with offsets: value {@code i} is what lies between the offsets {@code i} and
 * {@code i + 1}.
 */
public final class PageValues {
    /** The width of single bits. */
    public static final int BITS = -1;

    /** The width of values that each have their own. */
    public static final int VARIABLE = 0;

    private MemorySegment values;
    private long valuesAt;
    private MemorySegment offsets;
    private long offsetsAt;
    private int count;
    private int width;
    private boolean constant;

    /** Bits, from the first of a byte on. */
    public void wrapBits(final MemorySegment bits, final long offset, final int bitCount) {
        values = bits;
        valuesAt = offset;
        offsets = null;
        count = bitCount;
        width = BITS;
        constant = false;
    }

    public void wrapFixed(final MemorySegment fixed, final long offset, final int valueCount, final int widthBytes) {
        values = fixed;
        valuesAt = offset;
        offsets = null;
        count = valueCount;
        width = widthBytes;
        constant = areAllEqual();
    }

    /** @param ends {@code valueCount + 1} 32-bit offsets into {@code bytes}. */
    public void wrapVariable(
            final MemorySegment bytes, final MemorySegment ends, final long endsOffset, final int valueCount) {
        values = bytes;
        valuesAt = 0;
        offsets = ends;
        offsetsAt = endsOffset;
        count = valueCount;
        width = VARIABLE;
        constant = areAllEqual();
    }

    private boolean areAllEqual() {
        if (count == 0 || width == BITS) {
            return false;
        }
        if (width != VARIABLE) {
            return isPeriodic(valuesAt, valuesAt + (long) count * width, width);
        }
        final long begin = start(0);
        final int each = (int) (start(1) - begin);
        if (start(count) - begin != (long) each * count) {
            return false;
        }
        for (int i = 2; i < count; i++) {
            if (start(i) != begin + (long) each * i) {
                return false;
            }
        }
        return isPeriodic(begin, start(count), each);
    }

    /** Whether bytes repeat those that lie so many before them: each is compared with that one, many at a time. */
    private boolean isPeriodic(final long begin, final long end, final int period) {
        return end - begin <= period
                || MemorySegment.mismatch(values, begin, end - period, values, begin + period, end) < 0;
    }

    /** The first ones of others. */
    public void wrapFirst(final PageValues whole, final int valueCount) {
        values = whole.values;
        valuesAt = whole.valuesAt;
        offsets = whole.offsets;
        offsetsAt = whole.offsetsAt;
        count = valueCount;
        width = whole.width;
        constant = areAllEqual();
    }

    public MemorySegment values() {
        return values;
    }

    /** Where the first value is; of variable ones, what offsets are relative to. */
    public long valuesAt() {
        return valuesAt;
    }

    public MemorySegment offsets() {
        return offsets;
    }

    public long offsetsAt() {
        return offsetsAt;
    }

    public int count() {
        return count;
    }

    /** Whether there are values, of whole bytes, and all have the same. */
    public boolean isConstant() {
        return constant;
    }

    /** Bytes a value, or {@link #BITS} or {@link #VARIABLE}. */
    public int width() {
        return width;
    }

    /** Where value {@code index} of variable or fixed ones begins. */
    public long start(final int index) {
        return width == VARIABLE
                ? LittleEndian.getUnsignedInt(offsets, offsetsAt + (long) index * Integer.BYTES)
                : valuesAt + (long) index * width;
    }

    public int length(final int index) {
        return width == VARIABLE ? (int) (start(index + 1) - start(index)) : width;
    }

    /** All values' bytes, lengths left out. */
    public long valueBytes() {
        return switch (width) {
            case BITS -> (count + Byte.SIZE - 1) / Byte.SIZE;
            case VARIABLE -> start(count) - start(0);
            default -> (long) count * width;
        };
    }

    /** How long they are as PLAIN. */
    public long plainBytes() {
        return valueBytes() + (width == VARIABLE ? (long) count * Integer.BYTES : 0);
    }
}
