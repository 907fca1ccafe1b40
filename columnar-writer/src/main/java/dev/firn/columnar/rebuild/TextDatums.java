package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.value.TypeDescription;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * From canonical text back to datums: the reverse of {@link dev.firn.postgres.value.DatumPrinter}, for the types where the text says all. It need not
 * be right about every text: what it makes is compared with what is stored, and the difference kept. Owned by one thread.
 */
final class TextDatums implements AutoCloseable {
    private static final int NAME_BYTES = 64;
    private static final int MAC_BYTES = 6;
    private static final int MAC8_BYTES = 8;
    private static final int BYTE_BITS = 8;
    private static final int GROUP_WIDTH = 4;
    private static final int UUID_BYTES = 16;

    /** Of the longest number that a long holds. */
    private static final int LONG_DIGITS = 19;

    private static final int INT2_OID = 21;
    private static final int OID_OID = 26;

    private final NumericForm numeric = new NumericForm();
    private final TextCursor text = new TextCursor();
    private final JsonbDatums jsonb = new JsonbDatums(this);
    private final NestedDatums nested;

    /** @param memory borrowed: what values within others are taken apart in. */
    TextDatums(final OffHeapMemory memory) {
        nested = new NestedDatums(this, memory);
    }

    @Override
    public void close() {
        nested.close();
    }

    NumericForm numeric() {
        return numeric;
    }

    /** Puts the datum that a text is of, without varlena header. Whether it is known; if not, what was put means nothing. */
    boolean parse(
            final TypeDescription type,
            final MemorySegment segment,
            final long offset,
            final int length,
            final DatumBytes out) {
        text.wrap(segment, offset, length);
        return switch (type.kind()) {
            case NUMERIC -> parseNumeric(segment, offset, length, out);
            case NAME -> parseName(segment, offset, length, out);
            case CHARACTER -> parseCharacter(out);
            case ENUM -> parseLabel(type, segment, offset, length, out);
            case DATE, TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ, INTERVAL -> TimeDatums.parse(type.kind(), text, out);
            case INET, CIDR -> NetworkDatums.parse(text, out);
            case MACADDR -> NetworkDatums.parseMac(text, MAC_BYTES, out);
            case MACADDR8 -> NetworkDatums.parseMac(text, MAC8_BYTES, out);
            case BIT -> parseBits(out);
            case LSN -> parseLsn(out);
            case TID -> parseTid(out);
            case INT2_VECTOR -> parseVector(Short.BYTES, INT2_OID, out);
            case OID_VECTOR -> parseVector(Integer.BYTES, OID_OID, out);
            case JSONB -> jsonb.put(segment, offset, length, out);
            case RANGE, MULTIRANGE, COMPOSITE, ARRAY -> nested.put(type, segment, offset, length, out);
            default -> parsePlain(type, segment, offset, length, out);
        };
    }

    /** Values that the lake holds natively, and that are text within others only. */
    private boolean parsePlain(
            final TypeDescription type,
            final MemorySegment segment,
            final long offset,
            final int length,
            final DatumBytes out) {
        return switch (type.kind()) {
            case TEXT -> {
                out.put(segment, offset, length);
                yield true;
            }
            case BOOL -> {
                out.put8(text.peek() == 't' ? 1 : 0);
                yield length == 1;
            }
            case INT2, INT4, INT8 -> parseInteger(type.length(), out);
            case UINT4, REGISTERED, REGISTERED_OPERATOR -> {
                final long number = text.take('-') ? 0 : text.digits();
                out.put32((int) number);
                yield number != TextCursor.NONE && text.atEnd();
            }
            case UINT8 -> parseUnsigned(out);
            case MONEY -> parseMoney(out);
            case FLOAT4 -> parseFloat(segment, offset, length, out);
            case FLOAT8 -> parseDouble(segment, offset, length, out);
            case BYTEA, UNKNOWN ->
                type.length() == TypeDescription.VARIABLE && parseHexadecimal(segment, offset, length, out);
            case UUID -> parseUuid(out);
            case TSVECTOR -> LexemeDatums.putVector(text, out);
            case HSTORE -> LexemeDatums.putStore(text, out);
            case LTREE -> LexemeDatums.putLabels(text, out);
            case POINT, LSEG, BOX, LINE, CIRCLE, PATH, POLYGON ->
                GeometricDatums.parse(type.kind(), segment, offset, length, out);
            default -> false;
        };
    }

    private boolean parseInteger(final int width, final DatumBytes out) {
        final boolean negative = text.take('-');
        // The least number has no positive counterpart: its digits are counted downwards.
        long number = 0;
        int digits = 0;
        for (; TextCursor.isDigit(text.peek()) && digits < LONG_DIGITS; digits++) {
            number = number * 10 - (text.next() - '0');
        }
        final long signed = negative ? number : -number;
        switch (width) {
            case Short.BYTES -> out.put16((int) signed);
            case Integer.BYTES -> out.put32((int) signed);
            default -> out.put64(signed);
        }
        return digits > 0 && text.atEnd();
    }

    /** Of 64 bits without sign: overflow is how they are written. */
    private boolean parseUnsigned(final DatumBytes out) {
        long number = 0;
        int digits = 0;
        for (; TextCursor.isDigit(text.peek()); digits++) {
            number = number * 10 + (text.next() - '0');
        }
        out.put64(number);
        return digits > 0 && text.atEnd();
    }

    /** cash_out with lc_monetary C: a dollar sign, commas between thousands, two digits after the point. */
    private boolean parseMoney(final DatumBytes out) {
        final boolean negative = text.take('-');
        long cents = 0;
        while (!text.atEnd()) {
            final int next = text.next();
            if (TextCursor.isDigit(next)) {
                cents = cents * 10 - (next - '0');
            } else if (next != '$' && next != ',' && next != '.') {
                return false;
            }
        }
        out.put64(negative ? cents : -cents);
        return true;
    }

    /** Shortest text of a number reads as that number: by Java's parser as by Postgres'. Makes a string, which values within others may. */
    private static String string(final MemorySegment segment, final long offset, final int length) {
        return new String(segment.asSlice(offset, length).toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static boolean parseFloat(
            final MemorySegment segment, final long offset, final int length, final DatumBytes out) {
        try {
            out.put32(Float.floatToIntBits(Float.parseFloat(string(segment, offset, length))));
            return true;
        } catch (final NumberFormatException _) {
            return false;
        }
    }

    private static boolean parseDouble(
            final MemorySegment segment, final long offset, final int length, final DatumBytes out) {
        try {
            out.put64(Double.doubleToLongBits(Double.parseDouble(string(segment, offset, length))));
            return true;
        } catch (final NumberFormatException _) {
            return false;
        }
    }

    private boolean parseUuid(final DatumBytes out) {
        for (int i = 0; i < UUID_BYTES; i++) {
            text.take('-');
            final long number = text.hexadecimal(2);
            if (number == TextCursor.NONE) {
                return false;
            }
            out.put8((int) number);
        }
        return text.atEnd();
    }

    /** {@code \x} and hexadecimal digits: text that is not UTF-8. */
    static boolean parseHexadecimal(
            final MemorySegment segment, final long offset, final int length, final DatumBytes out) {
        if (length < 2 || length % 2 != 0) {
            return false;
        }
        for (int i = 2; i < length; i += 2) {
            final int high = Character.digit(segment.get(JAVA_BYTE, offset + i), 16);
            final int low = Character.digit(segment.get(JAVA_BYTE, offset + i + 1), 16);
            if (high < 0 || low < 0) {
                return false;
            }
            out.put8(high << 4 | low);
        }
        return true;
    }

    boolean parseNumeric(final MemorySegment segment, final long offset, final int length, final DatumBytes out) {
        text.wrap(segment, offset, length);
        final int special = text.take("NaN")
                ? NumericForm.NAN
                : text.take("Infinity")
                        ? NumericForm.POSITIVE_INFINITY
                        : text.take("-Infinity") ? NumericForm.NEGATIVE_INFINITY : 0;
        if (special != 0) {
            out.put16(special);
            return text.atEnd();
        }
        final boolean negative = text.take('-');
        final long begin = offset + (negative ? 1 : 0);
        final long end = offset + length;
        long point = begin;
        while (point < end && segment.get(JAVA_BYTE, point) != '.') {
            point++;
        }
        final int scale = point == end ? 0 : (int) (end - point - 1);
        numeric.begin();
        return (scale == 0 || addFractions(segment, point + 1, scale))
                && addWhole(segment, begin, point)
                && numeric.finish(negative, scale, out);
    }

    private boolean addFractions(final MemorySegment segment, final long begin, final int scale) {
        for (int group = (scale - 1) / GROUP_WIDTH; group >= 0; group--) {
            int digits = 0;
            for (int i = group * GROUP_WIDTH; i < (group + 1) * GROUP_WIDTH; i++) {
                final int digit = i < scale ? segment.get(JAVA_BYTE, begin + i) - '0' : 0;
                if (digit < 0 || digit > 9) {
                    return false;
                }
                digits = digits * 10 + digit;
            }
            if (!numeric.hasRoom()) {
                return false;
            }
            numeric.add(digits);
        }
        return true;
    }

    private boolean addWhole(final MemorySegment segment, final long begin, final long end) {
        for (long last = end; last > begin; last -= GROUP_WIDTH) {
            int digits = 0;
            for (long i = Math.max(begin, last - GROUP_WIDTH); i < last; i++) {
                final int digit = segment.get(JAVA_BYTE, i) - '0';
                if (digit < 0 || digit > 9) {
                    return false;
                }
                digits = digits * 10 + digit;
            }
            if (!numeric.hasRoom()) {
                return false;
            }
            numeric.add(digits);
        }
        return true;
    }

    private static boolean parseName(
            final MemorySegment segment, final long offset, final int length, final DatumBytes out) {
        if (length >= NAME_BYTES) {
            return false;
        }
        final long at = out.zeroes(NAME_BYTES);
        MemorySegment.copy(segment, offset, out.segment(), at, length);
        return true;
    }

    /** charin: nothing is zero, a backslash and three octal digits what is not ASCII. */
    private boolean parseCharacter(final DatumBytes out) {
        switch (text.left()) {
            case 0 -> out.put8(0);
            case 1 -> out.put8(text.next());
            case 4 -> {
                if (!text.take('\\')) {
                    return false;
                }
                int number = 0;
                while (!text.atEnd()) {
                    number = number << 3 | (text.next() & 7);
                }
                out.put8(number);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean parseLabel(
            final TypeDescription type,
            final MemorySegment segment,
            final long offset,
            final int length,
            final DatumBytes out) {
        final int oid = type.labels().oid(segment, offset, length);
        out.put32(oid);
        return oid != 0;
    }

    private boolean parseBits(final DatumBytes out) {
        final int count = text.left();
        out.put32(count);
        final long at = out.zeroes((count + BYTE_BITS - 1) / BYTE_BITS);
        final MemorySegment memory = out.segment();
        for (int i = 0; i < count; i++) {
            final int bit = text.next() - '0';
            if (bit < 0 || bit > 1) {
                return false;
            }
            final long where = at + i / BYTE_BITS;
            memory.set(
                    JAVA_BYTE, where, (byte) (memory.get(JAVA_BYTE, where) | bit << (BYTE_BITS - 1 - i % BYTE_BITS)));
        }
        return true;
    }

    private boolean parseLsn(final DatumBytes out) {
        final long high = text.hexadecimal(BYTE_BITS);
        if (!text.take('/')) {
            return false;
        }
        final long low = text.hexadecimal(BYTE_BITS);
        out.put64(high << Integer.SIZE | low);
        return high != TextCursor.NONE && low != TextCursor.NONE && text.atEnd();
    }

    private boolean parseTid(final DatumBytes out) {
        if (!text.take('(')) {
            return false;
        }
        final long block = text.digits();
        if (!text.take(',')) {
            return false;
        }
        final long offset = text.digits();
        out.put16((int) (block >>> Short.SIZE));
        out.put16((int) block);
        out.put16((int) offset);
        return text.take(')') && text.atEnd();
    }

    /** int2vector and oidvector: an array of one dimension that counts from 0. */
    private boolean parseVector(final int width, final int element, final DatumBytes out) {
        out.put32(1);
        out.put32(0);
        out.put32(element);
        final long countAt = out.length();
        out.put32(0);
        out.put32(0);
        int count = 0;
        while (!text.atEnd()) {
            if (count > 0 && !text.take(' ')) {
                return false;
            }
            final boolean negative = text.take('-');
            final long number = text.digits();
            if (number == TextCursor.NONE) {
                return false;
            }
            if (width == Short.BYTES) {
                out.put16((int) (negative ? -number : number));
            } else {
                out.put32((int) number);
            }
            count++;
        }
        LittleEndian.putInt(out.segment(), countAt, count);
        return true;
    }
}
