package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.CompressionMethod;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Values that hold values: arrays (utils/array.h), composites (a heap tuple), ranges and multiranges (utils/rangetypes.h). An element is
 * printed in place, and then quoted if it must be.
 */
final class NestedText {
    /** Deepest nesting of types. A type can't hold itself, so a deeper one would have to be declared level by level. */
    static final int MAX_DEPTH = 64;

    /** The elements of int2vector and oidvector. */
    private static final TypeDescription INT2 =
            TypeDescription.simple(21, "int2", ValueKind.INT2, Short.BYTES, Short.BYTES, 'p', ',');

    private static final TypeDescription OID =
            TypeDescription.simple(26, "oid", ValueKind.UINT4, Integer.BYTES, Integer.BYTES, 'p', ',');

    /** Of what stands before a varlena's content, how much {@link DatumFlyweight} leaves out. */
    private static final int VARLENA_HEADER_BYTES = 4;

    private static final int TUPLE_INFOMASK2 = 18 - VARLENA_HEADER_BYTES;
    private static final int TUPLE_INFOMASK = 20 - VARLENA_HEADER_BYTES;
    private static final int TUPLE_DATA = 22 - VARLENA_HEADER_BYTES;
    private static final int TUPLE_NULLS = HeapTupleFlyweight.HEADER_BYTES - VARLENA_HEADER_BYTES;
    private static final int RANGE_BOUNDS = 4;
    private static final int MULTIRANGE_ITEMS = 8;
    private static final int EMPTY = 0x01;
    private static final int LOWER_INCLUSIVE = 0x02;
    private static final int UPPER_INCLUSIVE = 0x04;
    private static final int LOWER_INFINITE = 0x08;
    private static final int UPPER_INFINITE = 0x10;
    private static final int COMPRESSED_HEADER_BYTES = 8;
    private static final int RAW_SIZE_BITS = 30;
    private static final int RAW_SIZE_MASK = (1 << RAW_SIZE_BITS) - 1;

    private final DatumPrinter printer;
    private final Decompressor decompressor;

    /** Of each depth, the element that is being printed. */
    private final List<DatumFlyweight> elements = new ArrayList<>();

    /** Of each depth, the array whose elements they are. */
    private final List<ArrayFlyweight> arrays = new ArrayList<>();

    /** Of each depth, what an element was decompressed to. */
    private final List<MemorySegment> scratch = new ArrayList<>();

    NestedText(final DatumPrinter printer, final Decompressor decompressor) {
        this.printer = printer;
        this.decompressor = decompressor;
    }

    void print(final TypeDescription type, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        if (depth == MAX_DEPTH) {
            throw new MalformedDataException("a value nested deeper than " + MAX_DEPTH);
        }
        while (elements.size() <= depth) {
            elements.add(new DatumFlyweight());
            arrays.add(new ArrayFlyweight());
            scratch.add(MemorySegment.NULL);
        }
        switch (type.kind()) {
            case ARRAY -> printArray(type.element(), datum, depth, out);
            case COMPOSITE -> printComposite(type, datum, depth, out);
            case RANGE -> printRange(type.element(), datum, depth, out);
            case MULTIRANGE -> printMultirange(type.element().element(), datum, depth, out);
            default -> printVector(type.kind(), datum, depth, out);
        }
    }

    /** Wraps the element at an index, which is where the one before it ended, and returns where this one ends. */
    private int element(
            final TypeDescription type,
            final int length,
            final int alignment,
            final DatumFlyweight parent,
            final int index,
            final int depth) {
        if (length >= 0) {
            final int begin = DatumFlyweight.align(index, alignment);
            parent.require(begin, length);
            elements.get(depth).wrap(parent.segment(), parent.base() + begin, length);
            return begin + length;
        }
        if (length != TypeDescription.VARIABLE) {
            throw new MalformedDataException("a value of type " + (type == null ? "unknown" : type.name())
                    + ", of length " + length + ", within another");
        }
        // A first byte of zero is padding: att_align_pointer.
        final int begin = parent.unsignedByte(index) == 0 ? DatumFlyweight.align(index, alignment) : index;
        final int header = parent.unsignedByte(begin);
        final boolean isShort = (header & 1) != 0;
        final int total = isShort ? header >>> 1 : parent.int32(begin) >>> 2;
        final int headerBytes = isShort ? 1 : VARLENA_HEADER_BYTES;
        if (total < headerBytes) {
            throw new MalformedDataException(
                    total == 0 ? "a TOAST pointer within a value" : "a varlena of " + total + " bytes within a value");
        }
        parent.require(begin, total);
        if (!isShort && (header & 2) != 0) {
            decompress(parent, begin, total, depth);
        } else {
            elements.get(depth).wrap(parent.segment(), parent.base() + begin + headerBytes, total - headerBytes);
        }
        return begin + total;
    }

    private void decompress(final DatumFlyweight parent, final int begin, final int total, final int depth) {
        parent.require(begin, COMPRESSED_HEADER_BYTES);
        final int info = parent.int32(begin + VARLENA_HEADER_BYTES);
        final CompressionMethod method = CompressionMethod.ofToastId(info >>> RAW_SIZE_BITS);
        final int raw = info & RAW_SIZE_MASK;
        if (method == null || total < COMPRESSED_HEADER_BYTES) {
            throw new MalformedDataException("a compressed value of " + total + " bytes within a value");
        }
        Decompressor.checkRatio(total, raw);
        if (scratch.get(depth).byteSize() < raw) {
            scratch.set(depth, MemorySegment.ofArray(new byte[2 * raw]));
        }
        decompressor.decompress(
                method,
                parent.segment(),
                parent.base() + begin + COMPRESSED_HEADER_BYTES,
                total - COMPRESSED_HEADER_BYTES,
                scratch.get(depth),
                0,
                raw);
        elements.get(depth).wrap(scratch.get(depth), 0, raw);
    }

    private void printElement(final TypeDescription type, final int depth, final TextBuffer out) {
        printer.print(type, elements.get(depth), depth + 1, out);
    }

    /** array_out. */
    private void printArray(
            final TypeDescription type, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        final ArrayFlyweight array = arrays.get(depth).wrap(datum, type);
        if (array.count() == 0) {
            out.put("{}");
            return;
        }
        putBounds(array, out);
        for (int i = 0; i < array.count(); i++) {
            if (i > 0 && array.dimensions() == 1) {
                out.put(type.delimiter());
            } else if (i == 0 || array.dimensions() > 1) {
                putBraces(array, i, type.delimiter(), out);
            }
            if (!array.next(elements.get(depth))) {
                out.put("NULL");
                continue;
            }
            final int start = out.length();
            printElement(type, depth, out);
            out.quoteFrom(start, Quoting.ARRAY, type.delimiter());
        }
        for (int i = 0; i < array.dimensions(); i++) {
            out.put('}');
        }
    }

    private static void putBounds(final ArrayFlyweight array, final TextBuffer out) {
        boolean own = false;
        for (int i = 0; i < array.dimensions(); i++) {
            own |= array.lowerBound(i) != 1;
        }
        if (!own) {
            return;
        }
        for (int i = 0; i < array.dimensions(); i++) {
            final int lower = array.lowerBound(i);
            out.put('[')
                    .putDecimal(lower)
                    .put(':')
                    .putDecimal(lower + array.size(i) - 1)
                    .put(']');
        }
        out.put('=');
    }

    /** Before an element: the braces that end and begin with it, for each dimension whose inner ones begin anew. */
    private static void putBraces(
            final ArrayFlyweight array, final int index, final char delimiter, final TextBuffer out) {
        int fresh = 0;
        int stride = 1;
        for (int i = array.dimensions() - 1; i >= 0; i--) {
            stride *= array.size(i);
            if (index % stride == 0) {
                fresh++;
            }
        }
        if (index > 0) {
            for (int i = 0; i < fresh; i++) {
                out.put('}');
            }
            out.put(delimiter);
        }
        for (int i = 0; i < fresh; i++) {
            out.put('{');
        }
    }

    /** int2vectorout and oidvectorout: arrays of one dimension, without nulls. */
    private void printVector(final ValueKind kind, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        final ArrayFlyweight vector = arrays.get(depth).wrap(datum, kind == ValueKind.INT2_VECTOR ? INT2 : OID);
        if (vector.dimensions() > 1) {
            throw new MalformedDataException("a vector of " + vector.dimensions() + " dimensions");
        }
        final DatumFlyweight element = elements.get(depth);
        for (int i = 0; i < vector.count(); i++) {
            if (i > 0) {
                out.put(' ');
            }
            if (!vector.next(element)) {
                throw new MalformedDataException("a vector whose element " + i + " is null");
            }
            out.putDecimal(
                    kind == ValueKind.INT2_VECTOR
                            ? (short) element.unsignedShort(0)
                            : Integer.toUnsignedLong(element.int32(0)));
        }
    }

    /** record_out. */
    private void printComposite(
            final TypeDescription type, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        final int stored = datum.unsignedShort(TUPLE_INFOMASK2) & HeapTupleFlags.ATTRIBUTES_MASK;
        final boolean hasNulls = (datum.unsignedShort(TUPLE_INFOMASK) & HeapTupleFlags.HAS_NULL) != 0;
        final int begin = datum.unsignedByte(TUPLE_DATA) - VARLENA_HEADER_BYTES;
        if (begin < TUPLE_NULLS + (hasNulls ? (stored + 7) >>> 3 : 0) || begin > datum.length()) {
            throw new MalformedDataException("a composite value of " + datum.length() + " bytes and " + stored
                    + " attributes whose data begins at " + begin);
        }
        int at = begin;
        boolean first = true;
        out.put('(');
        final List<CompositeAttribute> attributes = type.attributes();
        for (int i = 0; i < attributes.size(); i++) {
            final CompositeAttribute attribute = attributes.get(i);
            final boolean isNull =
                    i >= stored || (hasNulls && ((datum.unsignedByte(TUPLE_NULLS + (i >>> 3)) >>> (i & 7)) & 1) == 0);
            if (!isNull) {
                at = element(attribute.type(), attribute.length(), attribute.alignment(), datum, at, depth);
            }
            if (attribute.isDropped()) {
                continue;
            }
            if (!first) {
                out.put(',');
            }
            first = false;
            if (!isNull) {
                final int start = out.length();
                printElement(attribute.type(), depth, out);
                out.quoteFrom(start, Quoting.RECORD, 0);
            }
        }
        out.put(')');
    }

    /** range_out: the flags are the last byte. */
    private void printRange(
            final TypeDescription subtype, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        datum.require(0, RANGE_BOUNDS + 1);
        putRange(subtype, datum, datum.unsignedByte(datum.length() - 1), RANGE_BOUNDS, depth, out);
    }

    /** range_deparse; returns where the bounds end. */
    private int putRange(
            final TypeDescription subtype,
            final DatumFlyweight datum,
            final int flags,
            final int bounds,
            final int depth,
            final TextBuffer out) {
        if ((flags & EMPTY) != 0) {
            out.put("empty");
            return bounds;
        }
        int at = bounds;
        out.put((flags & LOWER_INCLUSIVE) != 0 ? '[' : '(');
        if ((flags & LOWER_INFINITE) == 0) {
            at = putBound(subtype, datum, at, depth, out);
        }
        out.put(',');
        if ((flags & UPPER_INFINITE) == 0) {
            at = putBound(subtype, datum, at, depth, out);
        }
        out.put((flags & UPPER_INCLUSIVE) != 0 ? ']' : ')');
        return at;
    }

    private int putBound(
            final TypeDescription subtype,
            final DatumFlyweight datum,
            final int at,
            final int depth,
            final TextBuffer out) {
        final int end = element(subtype, subtype.length(), subtype.alignment(), datum, at, depth);
        final int start = out.length();
        printElement(subtype, depth, out);
        out.quoteFrom(start, Quoting.RANGE, 0);
        return end;
    }

    /** multirange_out: offsets of all ranges but the first, flags, then the bounds one after another, each range's aligned. */
    private void printMultirange(
            final TypeDescription subtype, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        final int count = datum.int32(Integer.BYTES);
        if (count < 0 || count > datum.length()) {
            throw new MalformedDataException("a multirange of " + count + " ranges in " + datum.length() + " bytes");
        }
        final int flags = MULTIRANGE_ITEMS + Math.max(0, count - 1) * Integer.BYTES;
        int at = DatumFlyweight.align(flags + count, subtype.alignment());
        out.put('{');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
                at = DatumFlyweight.align(at, subtype.alignment());
            }
            at = putRange(subtype, datum, datum.unsignedByte(flags + i), at, depth, out);
        }
        out.put('}');
    }
}
