package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.hidden.FieldIds;
import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.lake.LakeKind;
import dev.firn.postgres.lake.LakeType;
import dev.firn.postgres.value.TypeDescription;

/**
 * A column of a user: an attribute and what it is in the lake.
 *
 * @param index the attribute's, counted from 0.
 * @param type with its domains.
 * @param form how its common values are stored.
 * @param overflow which child of the overflow column is its own; less than 0 when every value fits.
 */
public record LakeColumn(
        int index,
        AttributeRow attribute,
        TypeDescription type,
        LakeType lake,
        ValueForm form,
        ColumnField field,
        int overflow) {

    static LakeColumn of(final AttributeRow attribute, final TypeDescription type, final int overflowsBefore) {
        final LakeType lake = LakeType.of(type, attribute.typmod());
        final int number = attribute.number();
        return new LakeColumn(
                number - 1,
                attribute,
                type,
                lake,
                ValueForm.of(type, lake),
                field(attribute.name(), FieldIds.column(number), lake, number),
                lake.canOverflow() ? overflowsBefore : -1);
    }

    private static ColumnField field(final String name, final int id, final LakeType lake, final int number) {
        return switch (lake.kind()) {
            case DECIMAL -> ColumnField.decimal(name, id, true, lake.precision(), lake.scale());
            case LIST ->
                ColumnField.list(name, id, true, field("element", FieldIds.element(number), lake.element(), number));
            default -> ColumnField.of(name, id, kind(lake.kind()), true);
        };
    }

    private static ColumnKind kind(final LakeKind kind) {
        return switch (kind) {
            case BOOLEAN -> ColumnKind.BOOLEAN;
            case INT32 -> ColumnKind.INT32;
            case INT64 -> ColumnKind.INT64;
            case FLOAT -> ColumnKind.FLOAT;
            case DOUBLE -> ColumnKind.DOUBLE;
            case DECIMAL -> ColumnKind.DECIMAL;
            case DATE -> ColumnKind.DATE;
            case TIME_MICROS -> ColumnKind.TIME_MICROS;
            case TIMESTAMP_MICROS -> ColumnKind.TIMESTAMP_MICROS;
            case TIMESTAMP_UTC_MICROS -> ColumnKind.TIMESTAMP_UTC_MICROS;
            case UUID -> ColumnKind.UUID;
            case STRING -> ColumnKind.STRING;
            case BINARY -> ColumnKind.BINARY;
            case LIST -> ColumnKind.LIST;
        };
    }
}
