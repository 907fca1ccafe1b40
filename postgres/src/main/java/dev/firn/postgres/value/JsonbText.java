package dev.firn.postgres.value;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.util.Arrays;

/**
 * jsonb in place, as utils/jsonb.h lays it out: containers of a header, an entry for each child, and the children. Printed as
 * JsonbToCStringWorker does. Nesting is kept in arrays, not on the stack.
 */
final class JsonbText {
    /** Deepest nesting: Postgres' own parser stops at about 6,400 with its default stack of 2 MiB. */
    static final int MAX_DEPTH = 100_000;

    private static final int COUNT_MASK = 0x0FFF_FFFF;
    private static final int SCALAR = 0x1000_0000;
    private static final int OBJECT = 0x2000_0000;
    private static final int ARRAY = 0x4000_0000;
    private static final int ENTRY_LENGTH_MASK = 0x0FFF_FFFF;
    private static final int ENTRY_TYPE_MASK = 0x7000_0000;
    private static final int ENTRY_HAS_OFFSET = 0x8000_0000;
    private static final int STRING = 0;
    private static final int NUMERIC = 0x1000_0000;
    private static final int FALSE = 0x2000_0000;
    private static final int TRUE = 0x3000_0000;
    private static final int NULL = 0x4000_0000;
    private static final int CONTAINER = 0x5000_0000;
    private static final int ENTRY_BYTES = 4;

    private final NumericFlyweight numeric = new NumericFlyweight();
    private final DatumFlyweight number = new DatumFlyweight();
    private DatumFlyweight datum;

    // Of each open container: where it begins, the next child, and where that child's, and an object's key's, bytes
    // begin.
    private int[] begins = new int[16];
    private int[] nexts = new int[16];
    private int[] offsets = new int[16];
    private int[] keyOffsets = new int[16];
    private int depth;

    void print(final DatumFlyweight value, final TextBuffer out) {
        datum = value;
        depth = 0;
        open(0, out);
        while (depth > 0) {
            final int level = depth - 1;
            final int header = datum.int32(begins[level]);
            final int count = header & COUNT_MASK;
            if (nexts[level] == count) {
                if ((header & SCALAR) == 0) {
                    out.put((header & OBJECT) != 0 ? '}' : ']');
                }
                depth--;
                continue;
            }
            if (nexts[level] > 0) {
                out.put(", ");
            }
            final int child = nexts[level]++;
            int entryIndex = child;
            if ((header & OBJECT) != 0) {
                final int key = entry(level, child);
                final int keyBytes = lengthOf(key, keyOffsets[level]);
                if ((key & ENTRY_TYPE_MASK) != STRING) {
                    throw new MalformedDataException("a jsonb object with a key that is no string");
                }
                putString(dataBegin(level) + keyOffsets[level], keyBytes, out);
                out.put(": ");
                keyOffsets[level] += keyBytes;
                entryIndex = child + count;
            }
            putChild(level, entryIndex, out);
        }
    }

    private void open(final int begin, final TextBuffer out) {
        final int header = datum.int32(begin);
        final int count = header & COUNT_MASK;
        final boolean isObject = (header & OBJECT) != 0;
        if (isObject == ((header & ARRAY) != 0) || ((header & SCALAR) != 0 && (isObject || count != 1))) {
            throw new MalformedDataException("a jsonb container with header " + Integer.toHexString(header));
        }
        if (depth == MAX_DEPTH) {
            throw new MalformedDataException("jsonb nested deeper than " + MAX_DEPTH);
        }
        if (depth == begins.length) {
            final int more = 2 * depth;
            begins = Arrays.copyOf(begins, more);
            nexts = Arrays.copyOf(nexts, more);
            offsets = Arrays.copyOf(offsets, more);
            keyOffsets = Arrays.copyOf(keyOffsets, more);
        }
        final int entries = isObject ? 2 * count : count;
        if (entries > datum.length() / ENTRY_BYTES) {
            throw new MalformedDataException("a jsonb container of " + count + " in " + datum.length() + " bytes");
        }
        datum.require(begin, (entries + 1) * ENTRY_BYTES);
        begins[depth] = begin;
        nexts[depth] = 0;
        keyOffsets[depth] = 0;
        offsets[depth] = 0;
        depth++;
        if (isObject) {
            int keys = 0;
            for (int i = 0; i < count; i++) {
                keys += lengthOf(entry(depth - 1, i), keys);
            }
            offsets[depth - 1] = keys;
        }
        if ((header & SCALAR) == 0) {
            out.put(isObject ? '{' : '[');
        }
    }

    private int entry(final int level, final int index) {
        return datum.int32(begins[level] + ENTRY_BYTES + index * ENTRY_BYTES);
    }

    private int dataBegin(final int level) {
        final int header = datum.int32(begins[level]);
        final int count = header & COUNT_MASK;
        return begins[level] + ENTRY_BYTES * (1 + ((header & OBJECT) != 0 ? 2 * count : count));
    }

    /** An entry holds its length, or where it ends. */
    private int lengthOf(final int entry, final int offset) {
        final int field = entry & ENTRY_LENGTH_MASK;
        final int length = (entry & ENTRY_HAS_OFFSET) != 0 ? field - offset : field;
        if (length < 0 || length > datum.length()) {
            throw new MalformedDataException("a jsonb child of " + length + " bytes");
        }
        return length;
    }

    private void putChild(final int level, final int index, final TextBuffer out) {
        final int entry = entry(level, index);
        final int length = lengthOf(entry, offsets[level]);
        final int begin = dataBegin(level) + offsets[level];
        offsets[level] += length;
        datum.require(begin, length);
        // Numbers and containers are aligned to four bytes from the value's begin; their length counts the padding.
        final int aligned = (begin + 3) & -4;
        switch (entry & ENTRY_TYPE_MASK) {
            case STRING -> putString(begin, length, out);
            case NUMERIC -> putNumber(aligned, length - (aligned - begin), out);
            case TRUE -> out.put("true");
            case FALSE -> out.put("false");
            case NULL -> out.put("null");
            case CONTAINER -> {
                if ((datum.int32(aligned) & SCALAR) != 0) {
                    throw new MalformedDataException("a jsonb scalar within a container");
                }
                open(aligned, out);
            }
            default -> throw new MalformedDataException("a jsonb entry " + Integer.toHexString(entry));
        }
    }

    private void putNumber(final int index, final int length, final TextBuffer out) {
        final int header = datum.unsignedByte(index);
        final int headerBytes = (header & 1) != 0 ? 1 : Integer.BYTES;
        final int total = headerBytes == 1 ? header >>> 1 : datum.int32(index) >>> 2;
        if ((header & 3) == 2 || total < headerBytes || total > length) {
            throw new MalformedDataException("a jsonb number of " + total + " bytes in " + length);
        }
        number.wrap(datum.segment(), datum.base() + index + headerBytes, total - headerBytes);
        numeric.wrap(number).print(out);
    }

    /** escape_json. */
    private void putString(final int index, final int length, final TextBuffer out) {
        datum.require(index, length);
        out.put('"');
        int i = out.putPlain(datum.segment(), datum.base() + index, length);
        for (; i < length; i += out.putPlain(datum.segment(), datum.base() + index + i, length - i)) {
            putEscaped(LittleEndian.getUnsignedByte(datum.segment(), datum.base() + index + i++), out);
        }
        out.put('"');
    }

    private static void putEscaped(final int character, final TextBuffer out) {
        switch (character) {
            case '\b' -> out.put("\\b");
            case '\f' -> out.put("\\f");
            case '\n' -> out.put("\\n");
            case '\r' -> out.put("\\r");
            case '\t' -> out.put("\\t");
            case '"' -> out.put("\\\"");
            case '\\' -> out.put("\\\\");
            default -> out.put("\\u00").putHex(character);
        }
    }
}
