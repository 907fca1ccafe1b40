package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.lake.DecimalReader;
import java.lang.foreign.MemorySegment;

/**
 * Whether a jsonb is laid out as {@link JsonbDatums} lays out its text, so that it comes back from that bit for bit: each entry says a length, or at
 * every 32nd an end, and they add up to the children; numbers and containers are aligned by zeroes; numbers are such as
 * {@link DecimalReader#small} knows to be stored in their one way. Of others nothing is said: those are formed and compared. In one walk over headers,
 * entries and numbers; strings are not looked at, for each has one text.
 */
public final class JsonbShape {
    /** Deeper ones are formed and compared. */
    private static final int MOST_LEVELS = 32;

    private static final int COUNT_MASK = 0x0FFF_FFFF;
    private static final int TYPE_MASK = 0x7000_0000;
    private static final int NUMERIC_SCALE_MASK = 0x3F;
    private static final int NUMERIC_SCALE_SHIFT = 7;
    private static final int MOST_DIGITS = 18;
    private static final int VARLENA_HEADER_BYTES = 4;
    private static final int NONE = -1;

    private JsonbShape() {}

    /** Whether bytes in line, without varlena header, are a jsonb that comes back from its text. */
    public static boolean isAsFormed(final MemorySegment segment, final long at, final int length) {
        if (length < 2 * JsonbDatums.ENTRY_BYTES) {
            // An empty container: its header alone.
            return length == JsonbDatums.ENTRY_BYTES && isEmptyContainer(LittleEndian.getInt(segment, at));
        }
        final int header = LittleEndian.getInt(segment, at);
        if (header == (1 | JsonbDatums.SCALAR | JsonbDatums.ARRAY)) {
            final int entry = LittleEndian.getInt(segment, at + JsonbDatums.ENTRY_BYTES);
            return (entry & TYPE_MASK) != JsonbDatums.CONTAINER && children(segment, at, 0, 1, 0, length, 0) == length;
        }
        return container(segment, at, 0, length, 0) == length;
    }

    private static boolean isEmptyContainer(final int header) {
        return header == JsonbDatums.OBJECT || header == JsonbDatums.ARRAY;
    }

    /** Where a container ends that begins at a place in the value; less than 0 when it is laid out otherwise. */
    private static int container(
            final MemorySegment segment, final long at, final int begin, final int end, final int level) {
        if (level == MOST_LEVELS || end - begin < JsonbDatums.ENTRY_BYTES) {
            return NONE;
        }
        final int header = LittleEndian.getInt(segment, at + begin);
        final int count = header & COUNT_MASK;
        return switch (header & ~COUNT_MASK) {
            case JsonbDatums.OBJECT -> children(segment, at, begin, count, count, end, level);
            case JsonbDatums.ARRAY -> children(segment, at, begin, count, 0, end, level);
            default -> NONE;
        };
    }

    /** @param keys how many of a container's children are preceded by as many keys: all, or none. */
    private static int children(
            final MemorySegment segment,
            final long at,
            final int begin,
            final int count,
            final int keys,
            final int end,
            final int level) {
        final int entries = count + keys;
        if (entries > (end - begin) / JsonbDatums.ENTRY_BYTES - 1) {
            return NONE;
        }
        final int first = begin + JsonbDatums.ENTRY_BYTES * (1 + entries);
        int child = first;
        for (int i = 0; i < entries; i++) {
            final int entry = LittleEndian.getInt(segment, at + begin + JsonbDatums.ENTRY_BYTES * (1L + i));
            final int type = entry & TYPE_MASK;
            final boolean says = i % JsonbDatums.STRIDE == 0;
            final int next = (says ? first : child) + (entry & COUNT_MASK);
            if (entry < 0 != says || next < child || next > end || (i < keys && type != JsonbDatums.STRING)) {
                return NONE;
            }
            if (!isChild(segment, at, type, child, next, level)) {
                return NONE;
            }
            child = next;
        }
        return child;
    }

    private static boolean isChild(
            final MemorySegment segment,
            final long at,
            final int type,
            final int begin,
            final int end,
            final int level) {
        if (type == JsonbDatums.STRING) {
            return true;
        }
        if (type == JsonbDatums.NULL || type == JsonbDatums.TRUE || type == JsonbDatums.FALSE) {
            return begin == end;
        }
        final int aligned = (begin + JsonbDatums.ENTRY_BYTES - 1) & -JsonbDatums.ENTRY_BYTES;
        for (int i = begin; i < Math.min(aligned, end); i++) {
            if (LittleEndian.getUnsignedByte(segment, at + i) != 0) {
                return false;
            }
        }
        return switch (type) {
            case JsonbDatums.NUMERIC -> isNumber(segment, at + aligned, end - aligned);
            case JsonbDatums.CONTAINER -> container(segment, at, aligned, end, level + 1) == end;
            default -> false;
        };
    }

    private static boolean isNumber(final MemorySegment segment, final long at, final int length) {
        if (length < VARLENA_HEADER_BYTES + Short.BYTES || LittleEndian.getInt(segment, at) != length << 2) {
            return false;
        }
        final long value = at + VARLENA_HEADER_BYTES;
        final int scale = LittleEndian.getUnsignedShort(segment, value) >>> NUMERIC_SCALE_SHIFT & NUMERIC_SCALE_MASK;
        return DecimalReader.small(segment, value, length - VARLENA_HEADER_BYTES, MOST_DIGITS, scale)
                != DecimalReader.NOT_SMALL;
    }
}
