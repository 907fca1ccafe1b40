package dev.firn.columnar.hidden;

/**
 * Field ids: made of attnum, which an attribute keeps through renames and which none gets a second time. A relation has at most 1,600
 * attributes (MaxHeapAttributeNumber), so that the ranges never meet; Iceberg's own reserved ids are far above.
 */
public final class FieldIds {
    /** Of {@link HiddenColumn}s the first. */
    public static final int HIDDEN = 40_001;

    /** Of the column {@link HiddenColumns#OVERFLOW}. */
    public static final int OVERFLOW = 40_000;

    private static final int ELEMENTS = 10_000;
    private static final int OVERFLOWS = 20_000;

    private FieldIds() {}

    /** Of an attribute's column. */
    public static int column(final int attributeNumber) {
        return attributeNumber;
    }

    /** Of the elements of an attribute's list. */
    public static int element(final int attributeNumber) {
        return ELEMENTS + attributeNumber;
    }

    /** Of an attribute's field in the overflow column. */
    public static int overflow(final int attributeNumber) {
        return OVERFLOWS + attributeNumber;
    }
}
