package dev.firn.columnar.transcode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.lake.DecimalReader;
import dev.firn.postgres.lake.LakeKind;
import dev.firn.postgres.lake.LakeType;
import dev.firn.postgres.lake.LakeValues;
import dev.firn.postgres.value.ArrayFlyweight;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.DatumPrinter;
import dev.firn.postgres.value.TextBuffer;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.MemorySegment;

/** From a value's bytes to a column vector: natively when it fits, else as canonical text. Belongs to one thread. */
final class ValueAppender {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private final DatumPrinter printer;
    private final boolean asciiOnly;
    private final TextBuffer text = new TextBuffer();
    private final DecimalReader decimals = new DecimalReader();
    private final ArrayFlyweight array = new ArrayFlyweight();
    private final DatumFlyweight element = new DatumFlyweight();

    /**
     * @param encoding the database's. What is not ASCII in another than UTF-8 is not the same text in the lake, though its bytes may be UTF-8 by
     *     accident: it does not fit.
     */
    ValueAppender(final DatumPrinter printer, final int encoding) {
        this.printer = printer;
        asciiOnly = encoding != DatabaseRow.UTF8 && encoding != DatabaseRow.SQL_ASCII;
    }

    /** Whether text fits only where it is ASCII. */
    boolean isAsciiOnly() {
        return asciiOnly;
    }

    /** Appends a value, if it fits; appends nothing if it does not. */
    boolean append(
            final TypeDescription declared, final LakeType lake, final DatumFlyweight datum, final ColumnVector out) {
        final TypeDescription type = declared.base();
        if (datum.length() < type.length()) {
            throw new MalformedDataException("a value of " + datum.length() + " bytes; its type has " + type.length());
        }
        final MemorySegment from = datum.segment();
        final long at = datum.base();
        switch (lake.kind()) {
            case BOOLEAN -> out.appendBoolean(from.get(JAVA_BYTE, at) != 0);
            case INT32 ->
                out.appendInt(
                        type.length() == Short.BYTES
                                ? (short) LittleEndian.getUnsignedShort(from, at)
                                : LittleEndian.getInt(from, at));
            case INT64 ->
                out.appendLong(
                        type.length() == Integer.BYTES
                                ? LittleEndian.getUnsignedInt(from, at)
                                : LittleEndian.getLong(from, at));
            case FLOAT -> out.appendFloatBits(LittleEndian.getInt(from, at));
            case DOUBLE -> out.appendDoubleBits(LittleEndian.getLong(from, at));
            case DECIMAL -> {
                return appendDecimal(type, lake, datum, out);
            }
            case DATE -> {
                final int days = LittleEndian.getInt(from, at);
                if (!LakeValues.dateFits(days)) {
                    return false;
                }
                out.appendInt(LakeValues.date(days));
            }
            case TIME_MICROS -> {
                final long micros = LittleEndian.getLong(from, at);
                if (!LakeValues.timeFits(micros)) {
                    return false;
                }
                out.appendLong(micros);
            }
            case TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> {
                final long micros = LittleEndian.getLong(from, at);
                if (!LakeValues.timestampFits(micros)) {
                    return false;
                }
                out.appendLong(LakeValues.timestamp(micros));
            }
            case UUID -> out.appendFixed(from, at);
            case STRING -> {
                return appendString(type, lake, datum, out);
            }
            case BINARY -> out.appendBytes(from, at, datum.length());
            case LIST -> {
                return appendList(type, lake, datum, out);
            }
        }
        return true;
    }

    private boolean appendDecimal(
            final TypeDescription type, final LakeType lake, final DatumFlyweight datum, final ColumnVector out) {
        final long low;
        final long high;
        if (type.kind() == ValueKind.NUMERIC) {
            if (!decimals.read(datum, lake.precision(), lake.scale())) {
                return false;
            }
            low = decimals.low();
            high = decimals.high();
        } else {
            // money with a sign, xid8 without.
            low = LittleEndian.getLong(datum.segment(), datum.base());
            high = type.kind() == ValueKind.MONEY ? low >> (Long.SIZE - 1) : 0;
        }
        switch (out.field().vectorWidth()) {
            case Integer.BYTES -> out.appendInt((int) low);
            case Long.BYTES -> out.appendLong(low);
            default -> out.appendDecimal(low, high);
        }
        return true;
    }

    private boolean appendString(
            final TypeDescription type, final LakeType lake, final DatumFlyweight datum, final ColumnVector out) {
        if (!lake.printed()) {
            if (!isText(datum.segment(), datum.base(), datum.length())) {
                return false;
            }
            out.appendBytes(datum.segment(), datum.base(), datum.length());
            return true;
        }
        printer.print(type, datum, text.clear());
        if (!isText(text.segment(), 0, text.length())) {
            return false;
        }
        out.appendBytes(text.segment(), 0, text.length());
        return true;
    }

    private boolean isText(final MemorySegment segment, final long offset, final int length) {
        return asciiOnly ? isAscii(segment, offset, length) : LakeValues.isUtf8(segment, offset, length);
    }

    private static boolean isAscii(final MemorySegment segment, final long offset, final int length) {
        for (long at = offset; at < offset + length; at++) {
            if (segment.get(JAVA_BYTE, at) < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean appendList(
            final TypeDescription type, final LakeType lake, final DatumFlyweight datum, final ColumnVector out) {
        array.wrap(datum, type.element());
        if (!array.isList()) {
            return false;
        }
        final ColumnVector elements = out.child(0);
        final int before = elements.count();
        boolean whole = false;
        try {
            final int count = array.count();
            int done = 0;
            while (done < count) {
                if (!array.next(element)) {
                    elements.appendNull();
                } else if (!append(type.element(), lake.element(), element, elements)) {
                    break;
                }
                done++;
            }
            whole = done == count;
        } finally {
            if (!whole) {
                elements.cut(before);
            }
        }
        if (whole) {
            out.endList();
        }
        return whole;
    }

    /** Appends the canonical text of a value that did not fit: of a string, and of what is no UTF-8, as hexadecimal digits. */
    void appendOverflow(
            final TypeDescription type, final LakeType lake, final DatumFlyweight datum, final ColumnVector out) {
        printer.print(type, datum, text.clear());
        final int length = text.length();
        if (isString(lake) || !isText(text.segment(), 0, length)) {
            appendHex(text.segment(), length, out);
        } else {
            out.appendBytes(text.segment(), 0, length);
        }
    }

    private static boolean isString(final LakeType lake) {
        return lake.kind() == LakeKind.STRING;
    }

    private static void appendHex(final MemorySegment from, final int length, final ColumnVector out) {
        final int most = Math.addExact(2, Math.multiplyExact(2, length));
        final MemorySegment target = out.roomForBytes(most);
        long at = out.bytesAt();
        target.set(JAVA_BYTE, at++, (byte) '\\');
        target.set(JAVA_BYTE, at++, (byte) 'x');
        for (int i = 0; i < length; i++) {
            final int value = from.get(JAVA_BYTE, i);
            target.set(JAVA_BYTE, at++, HEX[value >>> 4 & 0xF]);
            target.set(JAVA_BYTE, at++, HEX[value & 0xF]);
        }
        out.commitBytes(most);
    }
}
