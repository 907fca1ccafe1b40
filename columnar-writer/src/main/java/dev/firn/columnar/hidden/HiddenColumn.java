package dev.firn.columnar.hidden;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;

/**
 * A column that each row of the lake has beside the user's: where its tuple stands in the heap, and its header (HeapTupleHeaderData of
 * access/htup_details.h). Numbers of 32 bits without sign are 64-bit columns, so that they read as what they are.
 *
 * <p>Null stands where the value follows from the others, which is in nearly all rows: such a column takes no room.
 */
public enum HiddenColumn {
    /** The heap block. */
    BLOCK("_firn_block", ColumnKind.INT64, false),
    /** The offset number on the block, from 1. */
    OFFSET("_firn_offset", ColumnKind.INT32, false),
    /** t_xmin as stored; of a frozen tuple too. */
    XMIN("_firn_xmin", ColumnKind.INT64, false),
    /** t_xmax as stored: a transaction or a multixact, or 0. */
    XMAX("_firn_xmax", ColumnKind.INT64, false),
    /** t_cid: a command or combo command id. */
    CID("_firn_cid", ColumnKind.INT64, false),
    /** t_infomask. */
    INFOMASK("_firn_infomask", ColumnKind.INT32, false),
    /** t_infomask2, with the number of attributes. */
    INFOMASK2("_firn_infomask2", ColumnKind.INT32, false),
    /** The block of t_ctid; null with {@link #CTID_OFFSET} when t_ctid is the tuple's own address. */
    CTID_BLOCK("_firn_ctid_block", ColumnKind.INT64, true),
    /** The offset number of t_ctid, or what marks a speculative insertion or a move to another partition. */
    CTID_OFFSET("_firn_ctid_offset", ColumnKind.INT32, true),
    /** t_hoff; null when the data begins where heap_form_tuple lets it begin: {@link HiddenColumns#derivedHoff}. */
    HOFF("_firn_hoff", ColumnKind.INT32, true);

    private final String columnName;
    private final ColumnKind kind;
    private final boolean nullable;

    HiddenColumn(final String columnName, final ColumnKind kind, final boolean nullable) {
        this.columnName = columnName;
        this.kind = kind;
        this.nullable = nullable;
    }

    /** What it is called in the files. */
    public String columnName() {
        return columnName;
    }

    /** By which it is known whatever its name; never that of another column of a table. */
    public int fieldId() {
        return FieldIds.HIDDEN + ordinal();
    }

    public ColumnField field() {
        return ColumnField.of(columnName, fieldId(), kind, nullable);
    }
}
