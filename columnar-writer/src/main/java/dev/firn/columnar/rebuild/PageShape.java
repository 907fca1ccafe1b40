package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * What of a page {@link PageFormer} forms without looking at a datum: whether all of it is as it would be. The header but for the fields that the
 * residue has, the line pointers, where tuples lie, the hole, the tuples' headers but for the fields that rows have, and all padding outside of the
 * tuples' data.
 */
final class PageShape {
    private static final int PAGE = PageLayout.PAGE_BYTES;
    private static final int SPECIAL_OFFSET = 16;
    private static final int SIZE_AND_VERSION_OFFSET = 18;
    private static final int HOFF_OFFSET = 22;
    private static final int BYTE_SHIFT = 3;
    private static final int BIT_MASK = 7;

    private PageShape() {}

    /**
     * Whether a page is formed so.
     *
     * @param rows how many tuples it has by its rows.
     * @param attributes of the relation.
     */
    static boolean isPredicted(final PageFlyweight page, final int rows, final int attributes) {
        final MemorySegment segment = page.segment();
        final long base = page.base();
        final int lower = page.lower();
        final int upper = page.upper();
        if (LittleEndian.getUnsignedShort(segment, base + SPECIAL_OFFSET) != PAGE
                || LittleEndian.getUnsignedShort(segment, base + SIZE_AND_VERSION_OFFSET)
                        != (PAGE | PageLayout.LAYOUT_VERSION)
                || lower < PageLayout.HEADER_BYTES
                || (lower - PageLayout.HEADER_BYTES) % PageLayout.LINE_POINTER_BYTES != 0
                || lower > upper
                || upper > PAGE) {
            return false;
        }
        int top = PAGE;
        int tuples = 0;
        int last = PageLayout.HEADER_BYTES;
        for (int at = PageLayout.HEADER_BYTES; at < lower; at += PageLayout.LINE_POINTER_BYTES) {
            final int pointer = LittleEndian.getInt(segment, base + at);
            if (pointer == LinePointer.UNUSED_POINTER) {
                continue;
            }
            final int length = LinePointer.length(pointer);
            final int place = top - PageLayout.align(length);
            if (place < upper
                    || pointer != LinePointer.of(place, LinePointer.NORMAL, length)
                    || !isTuplePredicted(segment, base + place, length, attributes)) {
                return false;
            }
            top = place;
            tuples++;
            last = at + PageLayout.LINE_POINTER_BYTES;
        }
        return tuples == rows && last == lower && top == upper && areZeroes(segment, base + lower, base + upper);
    }

    private static boolean isTuplePredicted(
            final MemorySegment segment, final long at, final int length, final int attributes) {
        if (length < HeapTupleFlyweight.HEADER_BYTES) {
            return false;
        }
        final int stored = LittleEndian.getUnsignedShort(segment, at + HeapTupleFlyweight.INFOMASK2_OFFSET)
                & HeapTupleFlags.ATTRIBUTES_MASK;
        final int infomask = LittleEndian.getUnsignedShort(segment, at + HeapTupleFlyweight.INFOMASK_OFFSET);
        final boolean nulls = (infomask & HeapTupleFlags.HAS_NULL) != 0;
        final int header = HeapTupleFlyweight.HEADER_BYTES + (nulls ? (stored + BIT_MASK) >>> BYTE_SHIFT : 0);
        final int begin = PageLayout.align(header);
        if (stored > attributes
                || begin > length
                || LittleEndian.getUnsignedByte(segment, at + HOFF_OFFSET) != begin
                || isPaddingOther(segment, at + begin, begin - header)
                || isPaddingOther(segment, at + PageLayout.align(length), PageLayout.align(length) - length)) {
            return false;
        }
        // The bitmap's last byte has bits for attributes that are not there.
        return !nulls
                || (stored & BIT_MASK) == 0
                || LittleEndian.getUnsignedByte(segment, at + header - 1) >>> (stored & BIT_MASK) == 0;
    }

    /** Whether there is anything but zeroes in up to seven bytes before a position. */
    private static boolean isPaddingOther(final MemorySegment segment, final long end, final int bytes) {
        return bytes > 0 && LittleEndian.getLong(segment, end - Long.BYTES) >>> (Long.SIZE - bytes * Byte.SIZE) != 0;
    }

    /** Both ends are multiples of four. */
    private static boolean areZeroes(final MemorySegment segment, final long from, final long to) {
        long at = from;
        long all = 0;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            all |= LittleEndian.getLong(segment, at);
        }
        return all == 0 && (at == to || LittleEndian.getInt(segment, at) == 0);
    }
}
