package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.Type;

/**
 * A column of the file: a leaf of the schema, with the fields on the way to it.
 *
 * @param path positions from the schema's fields down to the leaf's.
 * @param fields on that way, the leaf the last.
 * @param names in the file, groups of lists and maps included.
 */
record LeafColumn(
        List<Integer> path, List<ColumnField> fields, List<String> names, int maxDefinition, int maxRepetition) {
    private static final int INT_PRECISION = 9;
    private static final int LONG_PRECISION = 18;
    private static final int UUID_BYTES = 16;

    /** All leaves of a schema, in the file's order. */
    static List<LeafColumn> of(final List<ColumnField> schema) {
        final List<LeafColumn> leaves = new ArrayList<>();
        for (int i = 0; i < schema.size(); i++) {
            collect(schema.get(i), schema.get(i).name(), List.of(i), List.of(), List.of(), 0, 0, leaves);
        }
        return leaves;
    }

    private static void collect(
            final ColumnField field,
            final String name,
            final List<Integer> path,
            final List<ColumnField> above,
            final List<String> namesAbove,
            final int definition,
            final int repetition,
            final List<LeafColumn> leaves) {
        final List<ColumnField> fields = plus(above, field);
        final List<String> names = plus(namesAbove, name);
        final int own = definition + (field.nullable() ? 1 : 0);
        if (field.isLeaf()) {
            leaves.add(new LeafColumn(path, fields, names, own, repetition));
            return;
        }
        for (int i = 0; i < field.children().size(); i++) {
            final ColumnField child = field.children().get(i);
            final List<String> inside = switch (field.kind()) {
                case LIST -> plus(names, SchemaWriter.LIST_GROUP);
                case MAP -> plus(names, SchemaWriter.MAP_GROUP);
                default -> names;
            };
            final int more = field.isRepeated() ? 1 : 0;
            collect(
                    child,
                    SchemaWriter.childName(field, i),
                    plus(path, i),
                    fields,
                    inside,
                    own + more,
                    repetition + more,
                    leaves);
        }
    }

    private static <T> List<T> plus(final List<T> list, final T last) {
        final List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return List.copyOf(longer);
    }

    ColumnField field() {
        return fields.getLast();
    }

    /** Whether each row has one slot, whose only level says if it is null: below structs that never are, too. */
    boolean isFlat() {
        return maxRepetition == 0
                && fields.subList(0, fields.size() - 1).stream().noneMatch(ColumnField::nullable);
    }

    String dottedName() {
        return String.join(".", names);
    }

    Type physicalType() {
        return physicalType(field());
    }

    static Type physicalType(final ColumnField field) {
        return switch (field.kind()) {
            case BOOLEAN -> Type.BOOLEAN;
            case INT32, DATE -> Type.INT32;
            case INT64, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> Type.INT64;
            case FLOAT -> Type.FLOAT;
            case DOUBLE -> Type.DOUBLE;
            case DECIMAL ->
                field.precision() <= INT_PRECISION
                        ? Type.INT32
                        : field.precision() <= LONG_PRECISION ? Type.INT64 : Type.FIXED_LEN_BYTE_ARRAY;
            case UUID, FIXED -> Type.FIXED_LEN_BYTE_ARRAY;
            case STRING, BINARY -> Type.BYTE_ARRAY;
            case LIST, STRUCT, MAP -> throw new IllegalArgumentException(field.name() + " is not a leaf");
        };
    }

    /** Bytes of a value in the file, of a fixed length; else 0. */
    static int fixedBytes(final ColumnField field) {
        return switch (field.kind()) {
            case UUID -> UUID_BYTES;
            case FIXED -> field.precision();
            case DECIMAL ->
                field.precision() <= LONG_PRECISION
                        ? 0
                        : BigInteger.TEN
                                                .pow(field.precision())
                                                .subtract(BigInteger.ONE)
                                                .bitLength()
                                        / Byte.SIZE
                                + 1;
            default -> 0;
        };
    }

    /** Whether values have to be turned round on the way into the file. */
    boolean isWideDecimal() {
        return field().kind() == ColumnKind.DECIMAL && field().precision() > LONG_PRECISION;
    }

    ValueOrder order() {
        return switch (field().kind()) {
            case BOOLEAN -> ValueOrder.BOOLEAN;
            case FLOAT -> ValueOrder.FLOAT;
            case DOUBLE -> ValueOrder.DOUBLE;
            case UUID, FIXED, STRING, BINARY -> ValueOrder.BYTES;
            default ->
                switch (physicalType()) {
                    case INT32 -> ValueOrder.INT;
                    case INT64 -> ValueOrder.LONG;
                    default -> ValueOrder.BIG_ENDIAN;
                };
        };
    }
}
