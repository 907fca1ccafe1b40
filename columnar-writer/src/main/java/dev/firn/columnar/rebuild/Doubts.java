package dev.firn.columnar.rebuild;

import java.util.Arrays;

/**
 * Of a run of rows the datums that may be stored otherwise than they are formed of their columns. Who fills the columns raises a doubt for each datum
 * that he has not seen to come back from its column as it is, its header too; {@link ResidueWriter} forms and compares those alone. Owned by one
 * thread; nothing is allocated for a row or a value.
 */
public final class Doubts {
    private static final int WORD_SHIFT = 6;

    private final RelationForm form;
    private final long[][] bits;

    /** Of each attribute, whether there is any. */
    private final boolean[] any;

    /** Of the rows of a relation's run. */
    public Doubts(final RelationForm form) {
        this.form = form;
        bits = new long[form.attributes().size()][];
        any = new boolean[bits.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = new long[1];
            any[i] = form.attributes().get(i).isDropped();
        }
    }

    /** Forgets the doubts about the rows before. What a dropped attribute holds, nobody has looked at: it stays in doubt. */
    public void clear() {
        for (int i = 0; i < bits.length; i++) {
            if (any[i] && !form.attributes().get(i).isDropped()) {
                Arrays.fill(bits[i], 0);
                any[i] = false;
            }
        }
    }

    /** Raises one. */
    public void raise(final int attribute, final int row) {
        final int word = row >>> WORD_SHIFT;
        if (word >= bits[attribute].length) {
            bits[attribute] = Arrays.copyOf(bits[attribute], 2 * word);
        }
        bits[attribute][word] |= 1L << row;
        any[attribute] = true;
    }

    /** Whether an attribute's short values are stored with a header of one byte, so that those with another are in doubt. */
    public boolean isPackable(final int attribute) {
        return form.attributes().get(attribute).packable();
    }

    boolean is(final int attribute, final int row) {
        return any[attribute]
                && (form.attributes().get(attribute).isDropped()
                        || (word(attribute, row >>> WORD_SHIFT) >>> row & 1) != 0);
    }

    private long word(final int attribute, final int index) {
        return index < bits[attribute].length ? bits[attribute][index] : 0;
    }

    /** Whether an attribute is in doubt in any row from one on to before another. */
    boolean anyOf(final int attribute, final int from, final int to) {
        if (!any[attribute] || from >= to) {
            return false;
        }
        if (form.attributes().get(attribute).isDropped()) {
            return true;
        }
        final int first = from >>> WORD_SHIFT;
        final int last = (to - 1) >>> WORD_SHIFT;
        final long firstMask = -1L << from;
        final long lastMask = -1L >>> -to;
        if (first == last) {
            return (word(attribute, first) & firstMask & lastMask) != 0;
        }
        if ((word(attribute, first) & firstMask) != 0 || (word(attribute, last) & lastMask) != 0) {
            return true;
        }
        for (int word = first + 1; word < last; word++) {
            if (word(attribute, word) != 0) {
                return true;
            }
        }
        return false;
    }
}
