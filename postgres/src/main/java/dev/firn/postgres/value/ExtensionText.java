package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;

/** Types of extensions that come with Postgres: contrib/hstore, contrib/ltree. */
final class ExtensionText {
    private static final int HSTORE_NEW_VERSION = 0x8000_0000;
    private static final int HSTORE_COUNT_MASK = 0x0FFF_FFFF;
    private static final int HSTORE_NULL = 0x4000_0000;
    private static final int HSTORE_END_MASK = 0x3FFF_FFFF;

    private ExtensionText() {}

    /** hstore_out; of the format that is written since 9.0. */
    static void printHstore(final DatumFlyweight datum, final TextBuffer out) {
        final int header = datum.int32(0);
        final int pairs = header & HSTORE_COUNT_MASK;
        if ((header & HSTORE_NEW_VERSION) == 0) {
            throw new MalformedDataException("an hstore of the format before 9.0");
        }
        if (pairs > datum.length() / (2 * Integer.BYTES)) {
            throw new MalformedDataException("an hstore of " + pairs + " pairs in " + datum.length() + " bytes");
        }
        final int strings = Integer.BYTES * (1 + 2 * pairs);
        int begin = 0;
        for (int i = 0; i < pairs; i++) {
            final int keyEnd = datum.int32(Integer.BYTES * (1 + 2 * i)) & HSTORE_END_MASK;
            final int value = datum.int32(Integer.BYTES * (2 + 2 * i));
            final int valueEnd = value & HSTORE_END_MASK;
            if (keyEnd < begin || valueEnd < keyEnd) {
                throw new MalformedDataException("an hstore whose strings overlap");
            }
            if (i > 0) {
                out.put(", ");
            }
            putQuoted(datum, strings + begin, keyEnd - begin, out);
            out.put("=>");
            if ((value & HSTORE_NULL) != 0) {
                out.put("NULL");
            } else {
                putQuoted(datum, strings + keyEnd, valueEnd - keyEnd, out);
            }
            begin = valueEnd;
        }
    }

    private static void putQuoted(final DatumFlyweight datum, final int index, final int length, final TextBuffer out) {
        datum.require(index, length);
        out.put('"');
        for (int i = 0; i < length; i++) {
            final int character = datum.unsignedByte(index + i);
            if (character == '"' || character == '\\') {
                out.put('\\');
            }
            out.put(character);
        }
        out.put('"');
    }

    /** deparse_ltree: levels of a length of two bytes and a name, each padded to eight. */
    static void printLtree(final DatumFlyweight datum, final TextBuffer out) {
        final int levels = datum.unsignedShort(0);
        // LTREE_HDRSIZE is 8 with the varlena header.
        int at = Integer.BYTES;
        for (int i = 0; i < levels; i++) {
            final int length = datum.unsignedShort(at);
            if (i > 0) {
                out.put('.');
            }
            out.put(datum, at + Short.BYTES, length);
            at += (Short.BYTES + length + 7) & -8;
        }
    }
}
