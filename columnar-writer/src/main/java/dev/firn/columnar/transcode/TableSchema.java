package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.hidden.FieldIds;
import dev.firn.columnar.hidden.HiddenColumn;
import dev.firn.columnar.hidden.HiddenColumns;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.value.TypeDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The columns of a relation's files: the user's in the order of attnum without dropped ones, {@link HiddenColumns#OVERFLOW} when some attribute can
 * overflow, and the {@link HiddenColumn}s.
 */
public final class TableSchema {
    private final List<LakeColumn> columns = new ArrayList<>();
    private final List<ColumnField> fields = new ArrayList<>();
    private final int overflowColumn;
    private final int firstHidden;

    private TableSchema(final List<AttributeRow> attributes, final IntFunction<TypeDescription> types) {
        final List<ColumnField> overflows = new ArrayList<>();
        for (final AttributeRow attribute : attributes) {
            if (attribute.dropped()) {
                continue;
            }
            if (attribute.name().startsWith(HiddenColumns.PREFIX)) {
                throw new RefusedRelationException("its column " + attribute.name() + " begins with "
                        + HiddenColumns.PREFIX + ", as the lake's own columns do: rename it");
            }
            final TypeDescription type = types.apply(attribute.type());
            if (type.length() != attribute.length()) {
                throw new MalformedDataException("attribute " + attribute.name() + " has " + attribute.length()
                        + " bytes, and its type " + type.name() + " " + type.length());
            }
            final LakeColumn column = LakeColumn.of(attribute, type, overflows.size());
            columns.add(column);
            fields.add(column.field());
            if (column.overflow() >= 0) {
                overflows.add(ColumnField.of(
                        attribute.name(), FieldIds.overflow(attribute.number()), ColumnKind.STRING, true));
            }
        }
        overflowColumn = overflows.isEmpty() ? -1 : fields.size();
        if (!overflows.isEmpty()) {
            // Never null itself: what is absent costs the same, and its fields are asked for without a question before.
            fields.add(ColumnField.struct(HiddenColumns.OVERFLOW, FieldIds.OVERFLOW, false, overflows));
        }
        firstHidden = fields.size();
        fields.addAll(HiddenColumns.fields());
    }

    /**
     * Of a relation's attributes, dropped ones too.
     *
     * @throws RefusedRelationException when a column is called as the lake's own are.
     */
    public static TableSchema of(final List<AttributeRow> attributes, final IntFunction<TypeDescription> types) {
        return new TableSchema(attributes, types);
    }

    /** The user's columns. */
    public List<LakeColumn> columns() {
        return List.copyOf(columns);
    }

    /** How many there are. */
    public int columnCount() {
        return columns.size();
    }

    /** One of them. */
    public LakeColumn column(final int index) {
        return columns.get(index);
    }

    /** All columns of a file. */
    public List<ColumnField> fields() {
        return List.copyOf(fields);
    }

    /** Which column of a file is the overflow; less than 0 when there is none. */
    public int overflowColumn() {
        return overflowColumn;
    }

    /** Which column of a file is the first hidden one. */
    public int firstHidden() {
        return firstHidden;
    }
}
