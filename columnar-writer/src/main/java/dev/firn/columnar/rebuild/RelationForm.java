package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.hidden.HiddenColumn;
import dev.firn.columnar.hidden.HiddenColumns;
import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.StoredAttribute;
import dev.firn.postgres.value.TypeDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * How a relation's tuples are formed from its files of rows: which column is which attribute, and which attributes have a field in the residue's
 * {@code _firn_values}. Immutable.
 */
public final class RelationForm {
    static final int NONE = -1;

    private final List<FormAttribute> attributes;
    private final DeformPlan plan;
    private final int[] columns;
    private final int[] overflows;
    private final int[] leaves;
    private final int overflowColumn;
    private final int firstHidden;
    private final List<ColumnField> residueSchema;
    private final List<ColumnField> rowSchema;

    private RelationForm(final List<FormAttribute> attributes, final List<ColumnField> rowSchema) {
        this.attributes = List.copyOf(attributes);
        this.rowSchema = List.copyOf(rowSchema);
        final int count = attributes.size();
        columns = new int[count];
        overflows = new int[count];
        leaves = new int[count];
        overflowColumn = index(rowSchema, HiddenColumns.OVERFLOW);
        firstHidden = index(rowSchema, HiddenColumn.BLOCK.columnName());
        if (firstHidden == NONE || rowSchema.size() - firstHidden != HiddenColumns.count()) {
            throw new IllegalArgumentException("rows without the hidden columns at their end");
        }
        final List<ColumnField> overflowFields = overflowColumn == NONE
                ? List.of()
                : rowSchema.get(overflowColumn).children();
        final List<ColumnField> values = new ArrayList<>();
        final List<StoredAttribute> stored = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final FormAttribute attribute = attributes.get(i);
            columns[i] = attribute.isDropped() ? NONE : index(rowSchema, attribute.name());
            overflows[i] = attribute.isDropped() ? NONE : index(overflowFields, attribute.name());
            if (!attribute.isDropped() && (columns[i] == NONE || columns[i] >= firstHidden)) {
                throw new IllegalArgumentException("no column is the attribute " + attribute.name());
            }
            // A number that the lake holds natively is never unknown: if it is wrong, the page's patch rights it.
            final boolean leaf =
                    attribute.isDropped() || attribute.length() < 0 || !DatumForm.isNative(attribute.type());
            leaves[i] = leaf ? values.size() : NONE;
            if (leaf) {
                values.add(ColumnField.of(
                        attribute.name(), ResidueColumn.VALUE_FIELDS + attribute.number(), ColumnKind.BINARY, true));
            }
            stored.add(new StoredAttribute(attribute.name(), attribute.length(), attribute.alignment(), null));
        }
        plan = DeformPlan.compile(stored);
        residueSchema = ResidueColumn.fields(values);
    }

    /**
     * Compiles a relation's form.
     *
     * @param attributes all, in their order, dropped ones too.
     * @param rowSchema the columns of its files of rows.
     */
    public static RelationForm of(final List<FormAttribute> attributes, final List<ColumnField> rowSchema) {
        return new RelationForm(attributes, rowSchema);
    }

    /** Of the rows of pg_attribute. @param types finds the types of those that were not dropped. */
    public static RelationForm of(
            final List<AttributeRow> rows,
            final IntFunction<TypeDescription> types,
            final List<ColumnField> rowSchema) {
        return new RelationForm(
                rows.stream().map(row -> FormAttribute.of(row, types)).toList(), rowSchema);
    }

    private static int index(final List<ColumnField> fields, final String name) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(name)) {
                return i;
            }
        }
        return NONE;
    }

    /** The columns of its residue: a row a page. */
    public List<ColumnField> residueSchema() {
        return residueSchema;
    }

    /** The columns of its files of rows. */
    public List<ColumnField> rowSchema() {
        return rowSchema;
    }

    List<FormAttribute> attributes() {
        return attributes;
    }

    DeformPlan plan() {
        return plan;
    }

    /** Which column an attribute is; {@link #NONE} when it was dropped. */
    int column(final int attribute) {
        return columns[attribute];
    }

    int overflowColumn() {
        return overflowColumn;
    }

    /** Which field of the overflow column an attribute has, if any. */
    int overflow(final int attribute) {
        return overflows[attribute];
    }

    /** Which field of the residue's values an attribute has, if any. */
    int leaf(final int attribute) {
        return leaves[attribute];
    }

    int leafCount() {
        int count = 0;
        for (final int leaf : leaves) {
            count = Math.max(count, leaf + 1);
        }
        return count;
    }

    int hidden(final HiddenColumn column) {
        return firstHidden + column.ordinal();
    }
}
