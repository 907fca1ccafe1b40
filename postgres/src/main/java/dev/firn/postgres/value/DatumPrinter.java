package dev.firn.postgres.value;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import java.lang.foreign.MemorySegment;

/**
 * Prints values as Postgres does: see the package for which text that is. Owned by one thread; allocates nothing but for values nested
 * deeper, or compressed within a composite to more bytes, than any before.
 */
public final class DatumPrinter {
    private static final int UUID_BYTES = 16;
    private static final int NAME_BYTES = 64;
    private static final int MAC_BYTES = 6;
    private static final int MAC8_BYTES = 8;
    private static final int LSN_SHIFT = 32;
    private static final int SNAPSHOT_XIDS = 20;
    private static final long CENTS = 100;
    private static final long THOUSAND = 1000;
    private static final int FIRST_INTERVAL_INFINITY = 17;

    private final boolean hasInfiniteIntervals;
    private final NumericFlyweight numeric = new NumericFlyweight();
    private final JsonbText jsonb = new JsonbText();
    private final NestedText nested;

    /**
     * @param majorVersion of the Postgres that wrote the values.
     * @param decompressor borrowed, for attributes that are compressed within a composite value.
     */
    public DatumPrinter(final int majorVersion, final Decompressor decompressor) {
        hasInfiniteIntervals = majorVersion >= FIRST_INTERVAL_INFINITY;
        nested = new NestedText(this, decompressor);
    }

    /**
     * Appends a value's text.
     *
     * @throws MalformedDataException when the bytes are no value of the type. What was appended until then means nothing.
     */
    public void print(final TypeDescription type, final DatumFlyweight datum, final TextBuffer out) {
        print(type, datum, 0, out);
    }

    void print(final TypeDescription type, final DatumFlyweight datum, final int depth, final TextBuffer out) {
        if (type.length() >= 0) {
            datum.require(0, type.length());
        }
        switch (type.kind()) {
            case BOOL -> out.put(datum.unsignedByte(0) != 0 ? 't' : 'f');
            case INT2 -> out.putDecimal((short) datum.unsignedShort(0));
            case INT4 -> out.putDecimal(datum.int32(0));
            case INT8 -> out.putDecimal(datum.int64(0));
            case FLOAT4 -> FloatText.print(Float.intBitsToFloat(datum.int32(0)), out);
            case FLOAT8 -> FloatText.print(datum.float64(0), out);
            case NUMERIC -> numeric.wrap(datum).print(out);
            case TEXT -> out.put(datum, 0, datum.length());
            case NAME -> printName(datum, out);
            case CHARACTER -> printCharacter(datum.unsignedByte(0), out);
            case BYTEA, UNKNOWN -> printBytes(datum, out);
            case DATE -> DateTimeText.printDate(datum.int32(0), out);
            case TIME -> DateTimeText.printTime(datum.int64(0), out);
            case TIMETZ -> DateTimeText.printTimeWithZone(datum.int64(0), datum.int32(Long.BYTES), out);
            case TIMESTAMP -> DateTimeText.printTimestamp(datum.int64(0), false, out);
            case TIMESTAMPTZ -> DateTimeText.printTimestamp(datum.int64(0), true, out);
            case INTERVAL ->
                DateTimeText.printInterval(
                        datum.int64(0),
                        datum.int32(Long.BYTES),
                        datum.int32(Long.BYTES + Integer.BYTES),
                        hasInfiniteIntervals,
                        out);
            case UUID -> printUuid(datum, out);
            case JSONB -> jsonb.print(datum, out);
            case INET -> NetworkText.print(datum, false, out);
            case CIDR -> NetworkText.print(datum, true, out);
            case MACADDR -> NetworkText.printMac(datum, MAC_BYTES, out);
            case MACADDR8 -> NetworkText.printMac(datum, MAC8_BYTES, out);
            case BIT -> printBits(datum, out);
            case TSVECTOR -> TextSearchText.printVector(datum, out);
            case TSQUERY -> TextSearchText.printQuery(datum, out);
            case HSTORE -> ExtensionText.printHstore(datum, out);
            case LTREE -> ExtensionText.printLtree(datum, out);
            case ENUM -> out.put(type.labels().label(datum.int32(0)));
            case DOMAIN -> print(type.element(), datum, depth, out);
            case INT2_VECTOR, OID_VECTOR, ARRAY, COMPOSITE, RANGE, MULTIRANGE -> nested.print(type, datum, depth, out);
            case POINT, LSEG, PATH, BOX, POLYGON, LINE, CIRCLE -> printGeometric(type.kind(), datum, out);
            default -> printNumber(type.kind(), datum, out);
        }
    }

    private static void printGeometric(final ValueKind kind, final DatumFlyweight datum, final TextBuffer out) {
        switch (kind) {
            case POINT -> GeometricText.printPoint(datum, 0, out);
            case LSEG -> GeometricText.printSegment(datum, out);
            case PATH -> GeometricText.printPath(datum, out);
            case BOX -> GeometricText.printBox(datum, out);
            case POLYGON -> GeometricText.printPolygon(datum, out);
            case LINE -> GeometricText.printLine(datum, out);
            default -> GeometricText.printCircle(datum, out);
        }
    }

    private static void printNumber(final ValueKind kind, final DatumFlyweight datum, final TextBuffer out) {
        switch (kind) {
            case UINT4, REGISTERED_OPERATOR -> out.putDecimal(Integer.toUnsignedLong(datum.int32(0)));
            case REGISTERED -> {
                if (datum.int32(0) == 0) {
                    out.put('-');
                } else {
                    out.putDecimal(Integer.toUnsignedLong(datum.int32(0)));
                }
            }
            case UINT8 -> out.putUnsigned(datum.int64(0));
            case LSN -> {
                final long lsn = datum.int64(0);
                out.putHexNumber((int) (lsn >>> LSN_SHIFT), true).put('/').putHexNumber((int) lsn, true);
            }
            case TID -> {
                final long block = ((long) datum.unsignedShort(0) << Short.SIZE) | datum.unsignedShort(Short.BYTES);
                out.put('(').putDecimal(block).put(',');
                out.putDecimal(datum.unsignedShort(2 * Short.BYTES)).put(')');
            }
            case SNAPSHOT -> printSnapshot(datum, out);
            case MONEY -> printMoney(datum.int64(0), out);
            default -> throw new IllegalStateException("no rule prints " + kind);
        }
    }

    private static void printName(final DatumFlyweight datum, final TextBuffer out) {
        int length = 0;
        while (length < NAME_BYTES && datum.unsignedByte(length) != 0) {
            length++;
        }
        out.put(datum, 0, length);
    }

    /** charout: nothing for zero, a backslash and three octal digits for what is not ASCII. */
    private static void printCharacter(final int character, final TextBuffer out) {
        if (character >= 0x80) {
            out.put('\\')
                    .put('0' + (character >>> 6))
                    .put('0' + ((character >>> 3) & 7))
                    .put('0' + (character & 7));
        } else if (character != 0) {
            out.put(character);
        }
    }

    private static void printBytes(final DatumFlyweight datum, final TextBuffer out) {
        out.put("\\x");
        final MemorySegment segment = datum.segment();
        for (int i = 0; i < datum.length(); i++) {
            out.putHex(LittleEndian.getUnsignedByte(segment, datum.base() + i));
        }
    }

    private static void printUuid(final DatumFlyweight datum, final TextBuffer out) {
        for (int i = 0; i < UUID_BYTES; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10) {
                out.put('-');
            }
            out.putHex(datum.unsignedByte(i));
        }
    }

    private static void printBits(final DatumFlyweight datum, final TextBuffer out) {
        final int bits = datum.int32(0);
        if (bits < 0 || bits > (datum.length() - Integer.BYTES) * (long) Byte.SIZE) {
            throw new MalformedDataException("a bit string of " + bits + " bits in " + datum.length() + " bytes");
        }
        for (int i = 0; i < bits; i++) {
            out.put('0' + ((datum.unsignedByte(Integer.BYTES + (i >>> 3)) >>> (7 - (i & 7))) & 1));
        }
    }

    private static void printSnapshot(final DatumFlyweight datum, final TextBuffer out) {
        final int count = datum.int32(0);
        if (count < 0 || count > (datum.length() - SNAPSHOT_XIDS) / Long.BYTES) {
            throw new MalformedDataException(
                    "a snapshot of " + count + " transactions in " + datum.length() + " bytes");
        }
        out.putUnsigned(datum.int64(Integer.BYTES)).put(':');
        out.putUnsigned(datum.int64(Integer.BYTES + Long.BYTES)).put(':');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            out.putUnsigned(datum.int64(SNAPSHOT_XIDS + i * Long.BYTES));
        }
    }

    /** cash_out with lc_monetary C: a dollar, groups of three, two decimals. */
    private static void printMoney(final long cents, final TextBuffer out) {
        if (cents < 0) {
            out.put('-');
        }
        out.put('$');
        long whole = Math.abs(cents / CENTS);
        long group = 1;
        while (whole / group >= THOUSAND) {
            group *= THOUSAND;
        }
        out.putPadded(whole / group, 1);
        while (group > 1) {
            whole %= group;
            group /= THOUSAND;
            out.put(',').putPadded(whole / group, 3);
        }
        out.put('.').putPadded(Math.abs(cents % CENTS), 2);
    }
}
