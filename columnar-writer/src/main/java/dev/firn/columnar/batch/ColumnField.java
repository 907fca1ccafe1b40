package dev.firn.columnar.batch;

import java.util.List;
import java.util.Objects;

/**
 * A column of a schema, or a part of one.
 *
 * @param fieldId by which Iceberg knows it whatever its name; unique in a schema.
 * @param precision digits of a decimal, bytes of a fixed value, else 0.
 * @param scale of a decimal, else 0.
 * @param children of a list, struct or map.
 */
public record ColumnField(
        String name,
        int fieldId,
        ColumnKind kind,
        boolean nullable,
        int precision,
        int scale,
        List<ColumnField> children) {
    /** Most digits that the lake's decimals have. */
    public static final int MAX_PRECISION = 38;

    /** Most digits in 4 and in 8 bytes. */
    private static final int INT_PRECISION = 9;

    private static final int LONG_PRECISION = 18;
    private static final int UUID_BYTES = 16;
    private static final int DECIMAL_BYTES = 16;

    public ColumnField {
        Objects.requireNonNull(name, "name");
        children = List.copyOf(children);
        final int wanted = switch (kind) {
            case LIST -> 1;
            case MAP -> 2;
            case STRUCT -> Math.max(1, children.size());
            default -> 0;
        };
        if (children.size() != wanted) {
            throw new IllegalArgumentException(
                    "column " + name + ": a " + kind + " has " + wanted + " children, not " + children.size());
        }
        if (kind == ColumnKind.MAP && children.getFirst().nullable()) {
            throw new IllegalArgumentException("column " + name + ": keys of a map are never null");
        }
        if (kind == ColumnKind.DECIMAL
                && (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision)) {
            throw new IllegalArgumentException("column " + name + ": decimal(" + precision + "," + scale
                    + ") is not within 1.." + MAX_PRECISION + " digits, or has more decimals than digits");
        }
        if (kind == ColumnKind.FIXED && precision < 1) {
            throw new IllegalArgumentException("column " + name + ": a fixed value of " + precision + " bytes");
        }
    }

    public static ColumnField of(final String name, final int fieldId, final ColumnKind kind, final boolean nullable) {
        return new ColumnField(name, fieldId, kind, nullable, 0, 0, List.of());
    }

    public static ColumnField decimal(
            final String name, final int fieldId, final boolean nullable, final int precision, final int scale) {
        return new ColumnField(name, fieldId, ColumnKind.DECIMAL, nullable, precision, scale, List.of());
    }

    public static ColumnField fixed(final String name, final int fieldId, final boolean nullable, final int bytes) {
        return new ColumnField(name, fieldId, ColumnKind.FIXED, nullable, bytes, 0, List.of());
    }

    public static ColumnField list(
            final String name, final int fieldId, final boolean nullable, final ColumnField element) {
        return new ColumnField(name, fieldId, ColumnKind.LIST, nullable, 0, 0, List.of(element));
    }

    public static ColumnField struct(
            final String name, final int fieldId, final boolean nullable, final List<ColumnField> fields) {
        return new ColumnField(name, fieldId, ColumnKind.STRUCT, nullable, 0, 0, fields);
    }

    public static ColumnField map(
            final String name,
            final int fieldId,
            final boolean nullable,
            final ColumnField key,
            final ColumnField value) {
        return new ColumnField(name, fieldId, ColumnKind.MAP, nullable, 0, 0, List.of(key, value));
    }

    public boolean isLeaf() {
        return children.isEmpty();
    }

    /** Whether it is a list or a map: what repeats. */
    public boolean isRepeated() {
        return kind == ColumnKind.LIST || kind == ColumnKind.MAP;
    }

    public boolean isVariable() {
        return kind == ColumnKind.STRING || kind == ColumnKind.BINARY;
    }

    /** Bytes of a value in a vector; 0 for those that have bits, offsets or children. */
    public int vectorWidth() {
        return switch (kind) {
            case INT32, FLOAT, DATE -> Integer.BYTES;
            case INT64, DOUBLE, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> Long.BYTES;
            case DECIMAL ->
                precision <= INT_PRECISION ? Integer.BYTES : precision <= LONG_PRECISION ? Long.BYTES : DECIMAL_BYTES;
            case UUID -> UUID_BYTES;
            case FIXED -> precision;
            case BOOLEAN, STRING, BINARY, LIST, STRUCT, MAP -> 0;
        };
    }
}
