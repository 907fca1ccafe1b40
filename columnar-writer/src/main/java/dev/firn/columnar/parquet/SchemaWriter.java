package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DateType;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MapType;
import org.apache.parquet.format.MicroSeconds;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.UUIDType;

/** The schema as the footer has it: LogicalTypes.md of parquet-format, lists and maps in three levels, Iceberg's field ids. */
final class SchemaWriter {
    static final String LIST_GROUP = "list";
    static final String MAP_GROUP = "key_value";
    private static final String ROOT = "firn";

    private SchemaWriter() {}

    /** What a child is called in the file: elements, keys and values by the format's own names. */
    static String childName(final ColumnField parent, final int child) {
        return switch (parent.kind()) {
            case LIST -> "element";
            case MAP -> child == 0 ? "key" : "value";
            default -> parent.children().get(child).name();
        };
    }

    static List<SchemaElement> elements(final List<ColumnField> schema) {
        final List<SchemaElement> elements = new ArrayList<>();
        elements.add(new SchemaElement(ROOT).setNum_children(schema.size()));
        for (final ColumnField field : schema) {
            add(field, field.name(), elements);
        }
        return elements;
    }

    private static void add(final ColumnField field, final String name, final List<SchemaElement> elements) {
        final SchemaElement element = new SchemaElement(name)
                .setField_id(field.fieldId())
                .setRepetition_type(field.nullable() ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED);
        elements.add(element);
        if (field.isLeaf()) {
            element.setType(LeafColumn.physicalType(field));
            if (LeafColumn.fixedBytes(field) > 0) {
                element.setType_length(LeafColumn.fixedBytes(field));
            }
            annotate(field, element);
            return;
        }
        if (field.isRepeated()) {
            final boolean list = field.kind() == ColumnKind.LIST;
            element.setNum_children(1);
            element.setLogicalType(list ? LogicalType.LIST(new ListType()) : LogicalType.MAP(new MapType()));
            element.setConverted_type(list ? ConvertedType.LIST : ConvertedType.MAP);
            elements.add(new SchemaElement(list ? LIST_GROUP : MAP_GROUP)
                    .setRepetition_type(FieldRepetitionType.REPEATED)
                    .setNum_children(field.children().size()));
        } else {
            element.setNum_children(field.children().size());
        }
        for (int i = 0; i < field.children().size(); i++) {
            add(field.children().get(i), childName(field, i), elements);
        }
    }

    private static void annotate(final ColumnField field, final SchemaElement element) {
        switch (field.kind()) {
            case STRING -> {
                element.setLogicalType(LogicalType.STRING(new StringType()));
                element.setConverted_type(ConvertedType.UTF8);
            }
            case DATE -> {
                element.setLogicalType(LogicalType.DATE(new DateType()));
                element.setConverted_type(ConvertedType.DATE);
            }
            case TIME_MICROS ->
                // The converted type would say UTC, which Postgres' time is not.
                element.setLogicalType(LogicalType.TIME(new TimeType(false, micros())));
            case TIMESTAMP_MICROS -> element.setLogicalType(LogicalType.TIMESTAMP(new TimestampType(false, micros())));
            case TIMESTAMP_UTC_MICROS -> {
                element.setLogicalType(LogicalType.TIMESTAMP(new TimestampType(true, micros())));
                element.setConverted_type(ConvertedType.TIMESTAMP_MICROS);
            }
            case DECIMAL -> {
                element.setLogicalType(LogicalType.DECIMAL(new DecimalType(field.scale(), field.precision())));
                element.setConverted_type(ConvertedType.DECIMAL);
                element.setPrecision(field.precision());
                element.setScale(field.scale());
            }
            case UUID -> element.setLogicalType(LogicalType.UUID(new UUIDType()));
            default -> {
                // Plain numbers and bytes are what their physical type says.
            }
        }
    }

    private static TimeUnit micros() {
        return TimeUnit.MICROS(new MicroSeconds());
    }
}
