package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.value.CompositeAttribute;
import dev.firn.postgres.value.TypeDescription;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values that hold values, from their canonical text: ranges (range_serialize of utils/adt/rangetypes.c), multiranges (write_multirange_data of
 * multirangetypes.c), composites (heap_form_tuple) and arrays of any shape (construct_md_array). Each is put without its varlena header, which four bytes
 * before it stand for: alignment counts from there. Owned by one thread.
 */
final class NestedDatums implements AutoCloseable {
    /** As deep as the values are that Firn prints. */
    private static final int MOST_DEPTH = 64;

    private static final int VARLENA_HEADER_BYTES = 4;

    /** VARATT_SHORT_MAX, without the header. */
    private static final int SHORT_MOST = 126;

    private static final char PLAIN = 'p';

    private static final int EMPTY = 0x01;
    private static final int LOWER_INCLUSIVE = 0x02;
    private static final int UPPER_INCLUSIVE = 0x04;
    private static final int LOWER_INFINITE = 0x08;
    private static final int UPPER_INFINITE = 0x10;

    /** MULTIRANGE_ITEM_OFFSET_STRIDE: each item of so many says where its range begins, not how long the one before it is. */
    private static final int ITEM_STRIDE = 4;

    private static final int ITEM_HAS_OFFSET = 0x8000_0000;

    private static final int MOST_DIMENSIONS = 6;
    private static final String NULL = "NULL";

    /** HEAP_HASVARWIDTH. */
    private static final int HAS_VARIABLE = 0x0002;

    private final TextDatums texts;
    private final OffHeapMemory memory;

    /** Of each depth, the text of an element without its quotes. */
    private final List<DatumBytes> unquoted = new ArrayList<>();

    private final List<TextCursor> cursors = new ArrayList<>();

    private final int[] opened = new int[MOST_DIMENSIONS];
    private final int[] parted = new int[MOST_DIMENSIONS];
    private final int[] lowers = new int[MOST_DIMENSIONS];
    private boolean hasNulls;
    private int depth = -1;

    /** Of an element's text: where it is, and whether it stood in quotes. */
    private MemorySegment elementText;

    private long elementAt;
    private int elementLength;
    private boolean elementQuoted;

    NestedDatums(final TextDatums texts, final OffHeapMemory memory) {
        this.texts = texts;
        this.memory = memory;
    }

    /** Puts the datum of a text. Whether it is known; if not, what was put means nothing. */
    boolean put(
            final TypeDescription type,
            final MemorySegment text,
            final long offset,
            final int length,
            final DatumBytes out) {
        if (depth + 1 == MOST_DEPTH) {
            return false;
        }
        depth++;
        try {
            if (unquoted.size() == depth) {
                unquoted.add(new DatumBytes(memory));
                cursors.add(new TextCursor());
            }
            final TextCursor cursor = cursors.get(depth).wrap(text, offset, length);
            return switch (type.kind()) {
                case RANGE -> putRange(type, cursor, out) && cursor.atEnd();
                case MULTIRANGE -> putMultirange(type, cursor, out) && cursor.atEnd();
                case COMPOSITE -> putComposite(type, cursor, out) && cursor.atEnd();
                default -> putArray(type, cursor, out) && cursor.atEnd();
            };
        } finally {
            depth--;
        }
    }

    /**
     * Takes the text of an element, up to one of these characters outside of quotes, which is left.
     *
     * @param doubled whether a quote within quotes is written twice, as in records and ranges; else it is escaped, as in arrays.
     */
    private void takeElement(
            final TextCursor cursor, final int first, final int second, final int third, final boolean doubled) {
        final DatumBytes bytes = unquoted.get(depth);
        bytes.clear();
        elementQuoted = false;
        boolean inQuotes = false;
        while (!cursor.atEnd()) {
            final int next = cursor.peek();
            if (!inQuotes && (next == first || next == second || next == third)) {
                break;
            }
            cursor.next();
            if (next == '"') {
                if (doubled && inQuotes && cursor.peek() == '"') {
                    bytes.put8(cursor.next());
                } else {
                    inQuotes = !inQuotes;
                    elementQuoted = true;
                }
            } else if (next == '\\') {
                bytes.put8(cursor.next());
            } else {
                bytes.put8(next);
            }
        }
        elementText = bytes.length() == 0 ? MemorySegment.NULL : bytes.segment();
        elementAt = 0;
        elementLength = (int) bytes.length();
    }

    /**
     * Puts the element whose text was taken, aligned as in a tuple.
     *
     * @param origin where the value around it begins, with its varlena header.
     * @param packed whether short values have a header of one byte.
     */
    private boolean putElement(
            final TypeDescription declared,
            final int length,
            final int alignment,
            final boolean packed,
            final long origin,
            final DatumBytes out) {
        final long end = out.length();
        if (!texts.parse(declared.base(), elementText, elementAt, elementLength, out)) {
            return false;
        }
        final int bytes = (int) (out.length() - end);
        if (length > 0 && bytes != length) {
            return false;
        }
        if (length < TypeDescription.VARIABLE) {
            return false;
        }
        final boolean isShort = length < 0 && packed && bytes <= SHORT_MOST;
        final int header = length > 0 ? 0 : isShort ? 1 : VARLENA_HEADER_BYTES;
        final int padding = isShort ? 0 : (int) (-(end - origin) & (alignment - 1));
        // What comes before the value is known only now.
        out.zeroes(padding + header);
        final MemorySegment segment = out.segment();
        MemorySegment.copy(segment, end, segment, end + padding + header, bytes);
        for (int i = 0; i < padding; i++) {
            segment.set(JAVA_BYTE, end + i, (byte) 0);
        }
        if (isShort) {
            LittleEndian.putByte(segment, end, (bytes + 1) << 1 | 1);
        } else if (header > 0) {
            LittleEndian.putInt(segment, end + padding, (bytes + VARLENA_HEADER_BYTES) << 2);
        }
        return true;
    }

    private boolean putRange(final TypeDescription type, final TextCursor cursor, final DatumBytes out) {
        final long origin = out.length() - VARLENA_HEADER_BYTES;
        out.put32(type.oid());
        final int flags = putBounds(type.element(), cursor, origin, out);
        out.put8(flags);
        return flags >= 0;
    }

    /** The bounds of a range; its flags, less than 0 when it is none. */
    private int putBounds(
            final TypeDescription subtype, final TextCursor cursor, final long origin, final DatumBytes out) {
        if (cursor.take("empty")) {
            return EMPTY;
        }
        int flags = cursor.take('[') ? LOWER_INCLUSIVE : 0;
        if (flags == 0 && !cursor.take('(')) {
            return -1;
        }
        final boolean packed = subtype.storage() != PLAIN;
        takeElement(cursor, ',', ',', ',', true);
        if (elementLength == 0 && !elementQuoted) {
            flags |= LOWER_INFINITE;
        } else if (!putElement(subtype, subtype.length(), subtype.alignment(), packed, origin, out)) {
            return -1;
        }
        if (!cursor.take(',')) {
            return -1;
        }
        takeElement(cursor, ')', ']', ')', true);
        if (elementLength == 0 && !elementQuoted) {
            flags |= UPPER_INFINITE;
        } else if (!putElement(subtype, subtype.length(), subtype.alignment(), packed, origin, out)) {
            return -1;
        }
        if (cursor.take(']')) {
            return flags | UPPER_INCLUSIVE;
        }
        return cursor.take(')') ? flags : -1;
    }

    private boolean putMultirange(final TypeDescription type, final TextCursor cursor, final DatumBytes out) {
        final TypeDescription subtype = type.element().element();
        final int count = countRanges(cursor);
        final long origin = out.length() - VARLENA_HEADER_BYTES;
        out.put32(type.oid());
        out.put32(count);
        if (!cursor.take('{')) {
            return false;
        }
        if (count == 0) {
            return cursor.take('}');
        }
        final long items = out.zeroes((count - 1) * Integer.BYTES);
        final long flagsAt = out.zeroes(count);
        alignFrom(origin, subtype.alignment(), out);
        final long begin = out.length();
        long last = begin;
        for (int i = 0; i < count; i++) {
            final long at = out.length();
            if (i > 0) {
                final int item = i % ITEM_STRIDE == 0 ? (int) (at - begin) | ITEM_HAS_OFFSET : (int) (at - last);
                LittleEndian.putInt(out.segment(), items + (i - 1L) * Integer.BYTES, item);
                last = at;
                if (!cursor.take(',')) {
                    return false;
                }
            }
            // Its bounds lie as in a range of its own, behind that one's two words.
            final int flags = putBounds(subtype, cursor, at - 2 * Integer.BYTES, out);
            if (flags < 0) {
                return false;
            }
            LittleEndian.putByte(out.segment(), flagsAt + i, flags);
            alignFrom(at, subtype.alignment(), out);
        }
        return cursor.take('}');
    }

    private static void alignFrom(final long origin, final int alignment, final DatumBytes out) {
        out.zeroes((int) (-(out.length() - origin) & (alignment - 1)));
    }

    /** As many as there are closing brackets outside of quotes. */
    private static int countRanges(final TextCursor cursor) {
        int count = 0;
        boolean inQuotes = false;
        for (int i = 0; i < cursor.left(); i++) {
            final int next = cursor.peek(i);
            if (next == '\\') {
                i++;
            } else if (next == '"') {
                inQuotes = !inQuotes;
            } else if (!inQuotes && (next == ')' || next == ']')) {
                count++;
            }
        }
        return count;
    }

    /** A heap tuple whose first words are its length, its modifier and its type: HeapTupleHeaderData's t_datum. */
    private boolean putComposite(final TypeDescription type, final TextCursor cursor, final DatumBytes out) {
        final long origin = out.length() - VARLENA_HEADER_BYTES;
        final int count = type.attributes().size();
        if (!cursor.take('(')) {
            return false;
        }
        final int bitmap = bitmapBytes(type, cursor);
        if (bitmap < 0) {
            return false;
        }
        out.put32(-1);
        out.put32(type.oid());
        // t_ctid, which is invalid.
        out.put32(-1);
        out.put16(0);
        out.put16(count);
        final long infomask = out.length();
        final int hoff = PageLayout.align(HeapTupleFlyweight.HEADER_BYTES + bitmap);
        out.put16(bitmap > 0 ? HeapTupleFlags.HAS_NULL : 0);
        out.put8(hoff);
        final long bits = out.length();
        out.zeroes((int) (origin + hoff - bits));
        boolean first = true;
        for (int i = 0; i < count; i++) {
            final CompositeAttribute attribute = type.attributes().get(i);
            if (attribute.type() == null) {
                continue;
            }
            if (!first && !cursor.take(',')) {
                return false;
            }
            first = false;
            takeElement(cursor, ',', ')', ',', true);
            if (elementLength == 0 && !elementQuoted) {
                continue;
            }
            if (bitmap > 0) {
                final MemorySegment segment = out.segment();
                final long at = bits + (i >>> 3);
                segment.set(JAVA_BYTE, at, (byte) (segment.get(JAVA_BYTE, at) | 1 << (i & 7)));
            }
            if (attribute.length() < 0) {
                final int flags = LittleEndian.getUnsignedShort(out.segment(), infomask);
                LittleEndian.putShort(out.segment(), infomask, flags | HAS_VARIABLE);
            }
            final boolean packed = attribute.type().storage() != PLAIN;
            if (!putElement(attribute.type(), attribute.length(), attribute.alignment(), packed, origin, out)) {
                return false;
            }
        }
        return cursor.take(')');
    }

    /** How long the null bitmap is; 0 without nulls, less than 0 when these are not the fields of the type. */
    private int bitmapBytes(final TypeDescription type, final TextCursor cursor) {
        int fields = 0;
        int dropped = 0;
        for (final CompositeAttribute attribute : type.attributes()) {
            dropped += attribute.type() == null ? 1 : 0;
        }
        boolean nulls = dropped > 0;
        boolean inQuotes = false;
        boolean empty = true;
        for (int i = 0; i < cursor.left(); i++) {
            final int next = cursor.peek(i);
            if (!inQuotes && (next == ',' || next == ')')) {
                nulls |= empty && fields < type.attributes().size() - dropped;
                fields++;
                empty = true;
            } else {
                empty = false;
                if (next == '\\') {
                    i++;
                } else if (next == '"') {
                    inQuotes = !inQuotes;
                }
            }
        }
        if (fields != Math.max(1, type.attributes().size() - dropped)) {
            return -1;
        }
        return nulls ? (type.attributes().size() + 7) >>> 3 : 0;
    }

    /** A box's delimiter is a semicolon; all others' is a comma. */
    private boolean putArray(final TypeDescription type, final TextCursor cursor, final DatumBytes out) {
        final TypeDescription element = type.element();
        final long origin = out.length() - VARLENA_HEADER_BYTES;
        final long header = out.zeroes(3 * Integer.BYTES);
        LittleEndian.putInt(out.segment(), header + 2L * Integer.BYTES, element.oid());
        if (cursor.take("{}")) {
            return true;
        }
        final int bounded = takeBounds(cursor);
        final int dimensions = measure(cursor, element.delimiter());
        if (dimensions < 1 || bounded < 0 || (bounded > 0 && bounded != dimensions)) {
            return false;
        }
        int count = 1;
        LittleEndian.putInt(out.segment(), header, dimensions);
        for (int i = 0; i < dimensions; i++) {
            final int size = parted[i] / opened[i] + 1;
            count *= size;
            out.put32(size);
        }
        for (int i = 0; i < dimensions; i++) {
            out.put32(bounded == 0 ? 1 : lowers[i]);
        }
        final long bitmap = out.length();
        if (hasNulls) {
            out.zeroes((count + Byte.SIZE - 1) / Byte.SIZE);
        }
        alignFrom(origin, Long.BYTES, out);
        if (hasNulls) {
            LittleEndian.putInt(out.segment(), header + Integer.BYTES, (int) (out.length() - origin));
        }
        return putElements(element, cursor, count, bitmap, origin, out);
    }

    /** Lower bounds, as they stand before an array that does not count from 1: {@code [0:1][3:4]=}. How many; less than 0 when they are none. */
    private int takeBounds(final TextCursor cursor) {
        int count = 0;
        while (cursor.take('[')) {
            final boolean negative = cursor.take('-');
            final long lower = cursor.digits();
            if (count == MOST_DIMENSIONS || lower == TextCursor.NONE || !cursor.take(':')) {
                return -1;
            }
            lowers[count++] = (int) (negative ? -lower : lower);
            cursor.take('-');
            if (cursor.digits() == TextCursor.NONE || !cursor.take(']')) {
                return -1;
            }
        }
        return count == 0 || cursor.take('=') ? count : -1;
    }

    /** Counts the braces and the delimiters of each dimension, and looks for nulls. How many dimensions there are; 0 when it is no array. */
    private int measure(final TextCursor cursor, final int delimiter) {
        Arrays.fill(opened, 0);
        Arrays.fill(parted, 0);
        hasNulls = false;
        int level = 0;
        int deepest = 0;
        boolean inQuotes = false;
        boolean begins = false;
        for (int i = 0; i < cursor.left(); i++) {
            final int next = cursor.peek(i);
            if (next == '\\') {
                i++;
            } else if (next == '"') {
                inQuotes = !inQuotes;
            } else if (!inQuotes && next == '{') {
                if (level == MOST_DIMENSIONS) {
                    return 0;
                }
                opened[level++]++;
                deepest = Math.max(deepest, level);
            } else if (!inQuotes && next == '}') {
                if (level == 0) {
                    return 0;
                }
                level--;
            } else if (!inQuotes && next == delimiter) {
                if (level == 0) {
                    return 0;
                }
                parted[level - 1]++;
            } else if (begins && !inQuotes) {
                hasNulls |= isNull(cursor, i, delimiter);
            }
            begins = !inQuotes && (next == '{' || next == delimiter);
        }
        return level == 0 ? deepest : 0;
    }

    private static boolean isNull(final TextCursor cursor, final int at, final int delimiter) {
        for (int i = 0; i < NULL.length(); i++) {
            if (cursor.peek(at + i) != NULL.charAt(i)) {
                return false;
            }
        }
        final int after = cursor.peek(at + NULL.length());
        return after == delimiter || after == '}';
    }

    private boolean putElements(
            final TypeDescription element,
            final TextCursor cursor,
            final int count,
            final long bitmap,
            final long origin,
            final DatumBytes out) {
        final boolean nulls = hasNulls;
        int done = 0;
        while (!cursor.atEnd()) {
            if (cursor.take('{') || cursor.take('}') || cursor.take(element.delimiter())) {
                continue;
            }
            if (done == count) {
                return false;
            }
            if (isNull(cursor, 0, element.delimiter())) {
                cursor.skip(NULL.length());
            } else {
                takeElement(cursor, element.delimiter(), '}', '{', false);
                if (!putElement(element, element.length(), element.alignment(), false, origin, out)) {
                    return false;
                }
                alignFrom(origin, element.alignment(), out);
                if (nulls) {
                    final MemorySegment segment = out.segment();
                    final long at = bitmap + done / Byte.SIZE;
                    segment.set(JAVA_BYTE, at, (byte) (segment.get(JAVA_BYTE, at) | 1 << done % Byte.SIZE));
                }
            }
            done++;
        }
        return done == count;
    }

    @Override
    public void close() {
        unquoted.forEach(DatumBytes::close);
    }
}
