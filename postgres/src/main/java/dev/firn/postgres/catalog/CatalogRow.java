package dev.firn.postgres.catalog;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlyweight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The part of a catalog's row that every version has at the same place: columns of fixed length before the first that may be null. Offsets
 * are those of the struct in the catalog's header.
 */
final class CatalogRow {
    /** NAMEDATALEN. */
    static final int NAME_BYTES = 64;

    private final HeapTupleFlyweight tuple;

    CatalogRow(final HeapTupleFlyweight tuple) {
        this.tuple = tuple;
    }

    int oid(final int offset) {
        return LittleEndian.getInt(tuple.segment(), position(offset, Integer.BYTES));
    }

    char character(final int offset) {
        return (char) LittleEndian.getUnsignedByte(tuple.segment(), position(offset, 1));
    }

    String name(final int offset, final NameEncoding encoding) {
        final long at = position(offset, NAME_BYTES);
        final MemorySegment segment = tuple.segment();
        int length = 0;
        while (length < NAME_BYTES && segment.get(ValueLayout.JAVA_BYTE, at + length) != 0) {
            length++;
        }
        return encoding.decode(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private long position(final int offset, final int bytes) {
        if (offset + bytes > tuple.dataBytes()) {
            throw new MalformedDataException(
                    "a catalog's row of " + tuple.dataBytes() + " bytes has no column at " + offset);
        }
        return tuple.base() + tuple.dataOffset() + offset;
    }
}
