package dev.firn.postgres.tuple;

import java.util.Arrays;

/** Where the attributes of a batch's rows are, column by column. Filled by {@link DeformPlan#deform}; owned by who made it. */
public final class DeformedRows {
    /** The position of an attribute that is null. */
    public static final int NULL = -1;

    /** The position of an attribute that the tuple was stored without, and that has a value there all the same. */
    public static final int MISSING = -2;

    private final int[][] positions;
    private final int[][] lengths;
    private int[] cursors;
    private byte[] irregular;
    private long[] present;

    /** Of the rows of a batch and a plan; it has memory for as many as it has seen. */
    public DeformedRows(final DeformPlan plan, final TupleBatch batch) {
        positions = new int[plan.attributeCount()][];
        lengths = new int[plan.attributeCount()][];
        grow(plan, Math.min(batch.capacity(), TupleBatch.LEAST_ROWS));
    }

    private void grow(final DeformPlan plan, final int rows) {
        for (int attribute = 0; attribute < lengths.length; attribute++) {
            positions[attribute] = new int[rows];
            lengths[attribute] = plan.attribute(attribute).length() < 0 ? new int[rows] : null;
        }
        cursors = new int[rows];
        irregular = new byte[rows];
        present = new long[rows];
    }

    /** Begins anew, with room for the rows of a batch. */
    void begin(final DeformPlan plan, final TupleBatch batch) {
        if (batch.rows() > cursors.length) {
            grow(plan, Math.min(batch.capacity(), Math.max(batch.rows(), 2 * cursors.length)));
        }
        Arrays.fill(irregular, 0, batch.rows(), (byte) 0);
    }

    /**
     * Of an attribute, counted from 0: for each row where in the batch's memory it begins, with its varlena header, or {@link #NULL}, or
     * {@link #MISSING}. Borrowed until the next batch.
     */
    public int[] positions(final int attribute) {
        return positions[attribute];
    }

    /** Of an attribute of variable length: for each row how many bytes it takes there, with its header, 0 when it is null or
     * missing; else null. */
    public int[] lengths(final int attribute) {
        return lengths[attribute];
    }

    /**
     * For each row 0 when heap_fill_tuple puts its datums exactly where they are: the long ones aligned, those with a short header, or out of line,
     * behind one another, and zeroes between. Borrowed until the next batch.
     */
    public byte[] irregular() {
        return irregular;
    }

    /** For each row which of 64 attributes it stores: while those are taken apart, and only where a row has nulls or lacks attributes. */
    long[] present() {
        return present;
    }

    /** Where in the tuple's data each row's next attribute begins, before it is aligned. */
    int[] cursors() {
        return cursors;
    }
}
