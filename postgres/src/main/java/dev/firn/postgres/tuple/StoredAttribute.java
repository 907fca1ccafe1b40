package dev.firn.postgres.tuple;

import java.lang.foreign.MemorySegment;

/**
 * An attribute as tuples store it: a row of pg_attribute, also of a dropped one.
 *
 * @param name attname, for messages.
 * @param length attlen: bytes, -1 with a varlena header, -2 ended by a zero byte.
 * @param alignment attalign in bytes.
 * @param missing the value of rows that were made before the attribute (attmissingval), without varlena header; null when they have
 *     none and it is null there.
 */
public record StoredAttribute(String name, int length, int alignment, MemorySegment missing) {
    /** attlen of a type with a varlena header. */
    static final int VARIABLE = -1;

    /** attlen of a type that ends with a zero byte. */
    static final int STRING = -2;

    public StoredAttribute {
        if (length < STRING || length == 0 || Integer.bitCount(alignment) != 1 || alignment > Long.BYTES) {
            throw new IllegalArgumentException(
                    "an attribute " + name + " of length " + length + ", aligned to " + alignment);
        }
    }
}
