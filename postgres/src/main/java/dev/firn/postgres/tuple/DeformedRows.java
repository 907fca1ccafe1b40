package dev.firn.postgres.tuple;

/** Where the attributes of a batch's rows are, column by column. Filled by {@link DeformPlan#deform}; owned by who made it. */
public final class DeformedRows {
    /** The position of an attribute that is null. */
    public static final int NULL = -1;

    /** The position of an attribute that the tuple was stored without, and that has a value there all the same. */
    public static final int MISSING = -2;

    private final int[][] positions;
    private final int[][] lengths;
    private final int[] cursors;

    /** Room for the rows of a batch and a plan. */
    public DeformedRows(final DeformPlan plan, final TupleBatch batch) {
        final int capacity = batch.capacity();
        positions = new int[plan.attributeCount()][capacity];
        lengths = new int[plan.attributeCount()][];
        for (int attribute = 0; attribute < lengths.length; attribute++) {
            lengths[attribute] = plan.attribute(attribute).length() < 0 ? new int[capacity] : null;
        }
        cursors = new int[capacity];
    }

    /**
     * Of an attribute, counted from 0: for each row where in the batch's memory it begins, with its varlena header, or {@link #NULL}, or
     * {@link #MISSING}. Borrowed until the next batch.
     */
    public int[] positions(final int attribute) {
        return positions[attribute];
    }

    /** Of an attribute of variable length: for each row how many bytes it takes there, with its header; else null. */
    public int[] lengths(final int attribute) {
        return lengths[attribute];
    }

    /** Where in the tuple's data each row's next attribute begins, before it is aligned. */
    int[] cursors() {
        return cursors;
    }
}
