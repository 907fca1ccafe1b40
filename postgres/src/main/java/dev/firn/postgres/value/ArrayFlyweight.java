package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** An array in place (utils/array.h): its dimensions, and its elements one after another. Borrowed from {@link #wrap} until the next one. */
public final class ArrayFlyweight {
    private static final int MAX_DIMENSIONS = 6;
    private static final int DATA_OFFSET = 4;
    private static final int DIMENSIONS = 12;
    private static final int VARLENA_HEADER_BYTES = 4;

    private DatumFlyweight datum;
    private TypeDescription type;
    private int dimensions;
    private int count;
    private int bitmap;
    private boolean hasNulls;
    private int at;
    private int next;

    /** Borrows an array's bytes, and stands before its first element. */
    public ArrayFlyweight wrap(final DatumFlyweight array, final TypeDescription elementType) {
        datum = array;
        type = elementType;
        dimensions = array.int32(0);
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw new MalformedDataException("an array of " + dimensions + " dimensions");
        }
        long elements = dimensions == 0 ? 0 : 1;
        for (int i = 0; i < dimensions; i++) {
            elements *= size(i);
            if (size(i) < 0 || elements > (long) array.length() * Byte.SIZE) {
                throw new MalformedDataException(
                        "an array of " + elements + " elements in " + array.length() + " bytes");
            }
        }
        count = (int) elements;
        bitmap = DIMENSIONS + 2 * Integer.BYTES * dimensions;
        final int dataOffset = array.int32(DATA_OFFSET);
        hasNulls = dataOffset != 0;
        at = hasNulls ? dataOffset - VARLENA_HEADER_BYTES : DatumFlyweight.align(bitmap, Long.BYTES);
        if (hasNulls && count > 0 && at < bitmap + ((count + 7) >>> 3)) {
            throw new MalformedDataException("an array whose elements begin at " + at + ", within its header");
        }
        next = 0;
        return this;
    }

    /** How many dimensions it has; 0 when it is empty. */
    public int dimensions() {
        return dimensions;
    }

    /** How many elements a dimension has. */
    public int size(final int dimension) {
        return datum.int32(DIMENSIONS + dimension * Integer.BYTES);
    }

    /** The first index of a dimension. */
    public int lowerBound(final int dimension) {
        return datum.int32(DIMENSIONS + (dimensions + dimension) * Integer.BYTES);
    }

    /** How many elements there are in all dimensions. */
    public int count() {
        return count;
    }

    /** Whether a list says all of it: it is empty, or has one dimension that counts from 1. */
    public boolean isList() {
        return count == 0 || (dimensions == 1 && lowerBound(0) == 1);
    }

    /**
     * Goes to the next element; there are {@link #count} of them.
     *
     * @return false when it is null.
     */
    public boolean next(final DatumFlyweight into) {
        if (next >= count) {
            throw new IllegalStateException("an array has no element after its last, " + count);
        }
        final int index = next++;
        if (hasNulls && ((datum.unsignedByte(bitmap + (index >>> 3)) >>> (index & 7)) & 1) == 0) {
            return false;
        }
        if (type.length() >= 0) {
            at = DatumFlyweight.align(at, type.alignment());
            datum.require(at, type.length());
            into.wrap(datum.segment(), datum.base() + at, type.length());
            at += type.length();
            return true;
        }
        if (datum.unsignedByte(at) == 0) {
            at = DatumFlyweight.align(at, type.alignment());
        }
        final int header = datum.unsignedByte(at);
        final int headerBytes = (header & 1) != 0 ? 1 : VARLENA_HEADER_BYTES;
        final int total = headerBytes == 1 ? header >>> 1 : datum.int32(at) >>> 2;
        // construct_md_array takes every element out of TOAST, and decompresses it.
        if (total < headerBytes || (headerBytes > 1 && (header & 2) != 0)) {
            throw new MalformedDataException("an array's element " + index + " with header " + header);
        }
        datum.require(at, total);
        into.wrap(datum.segment(), datum.base() + at + headerBytes, total - headerBytes);
        at += total;
        return true;
    }
}
