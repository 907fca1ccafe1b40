package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.postgres.LittleEndian;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns of a residue: a row for each heap page, which holds what the page's rows do not say. Null stands where a page is as predicted. A page
 * without {@link #LSN} is predicted as zeroes.
 */
public enum ResidueColumn {
    /** The heap block. */
    BLOCK("_firn_block", ColumnKind.INT64, false),
    /** CRC32C of the page, as 32 bits without sign. */
    CRC("_firn_crc", ColumnKind.INT64, false),
    /** pd_lsn. */
    LSN("_firn_lsn", ColumnKind.INT64, true),
    /** pd_checksum; null when it is what the page's checksum should be. */
    CHECKSUM("_firn_checksum", ColumnKind.INT32, true),
    /** pd_flags. */
    FLAGS("_firn_flags", ColumnKind.INT32, true),
    /** pd_prune_xid. */
    PRUNE_XID("_firn_prune_xid", ColumnKind.INT64, true),
    /** Line pointers that are not those of the page's rows, in their order: {@link LinePointers}. */
    LINE_POINTERS("_firn_line_pointers", ColumnKind.BINARY, true),
    /** Where tuples lie, if not one below the other in the order of their line pointers: {@link Placement}. */
    PLACEMENT("_firn_placement", ColumnKind.BINARY, true),
    /** Bytes between line pointers and tuples that are not zero: {@link Patch}. */
    HOLE("_firn_hole", ColumnKind.BINARY, true),
    /** Other bytes that are not as predicted: {@link Patch}. */
    PATCH("_firn_patch", ColumnKind.BINARY, true);

    /** The last column, unless no attribute needs it: a struct of a field for each attribute, of datums that its column does not tell. */
    public static final String VALUES = "_firn_values";

    static final int VALUE_FIELDS = 20_000;
    private static final int FIRST_FIELD = 1;
    private static final int VALUES_FIELD = 10_000;
    private static final int COUNT = values().length;

    private final String columnName;
    private final ColumnKind kind;
    private final boolean nullable;

    ResidueColumn(final String columnName, final ColumnKind kind, final boolean nullable) {
        this.columnName = columnName;
        this.kind = kind;
        this.nullable = nullable;
    }

    /** What it is called in the file. */
    public String columnName() {
        return columnName;
    }

    ColumnVector in(final RowBatch residue) {
        return residue.column(ordinal());
    }

    int int32(final RowBatch residue, final int row) {
        return LittleEndian.getInt(in(residue).values(), (long) row * Integer.BYTES);
    }

    long int64(final RowBatch residue, final int row) {
        return LittleEndian.getLong(in(residue).values(), (long) row * Long.BYTES);
    }

    /** How many columns there are before {@link #VALUES}. */
    static int count() {
        return COUNT;
    }

    static List<ColumnField> fields(final List<ColumnField> values) {
        final List<ColumnField> fields = new ArrayList<>();
        for (final ResidueColumn column : values()) {
            fields.add(ColumnField.of(column.columnName, FIRST_FIELD + column.ordinal(), column.kind, column.nullable));
        }
        if (!values.isEmpty()) {
            fields.add(ColumnField.struct(VALUES, VALUES_FIELD, true, values));
        }
        return List.copyOf(fields);
    }
}
