package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.hidden.HiddenColumn;
import dev.firn.columnar.hidden.HiddenColumns;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.PageLayout;

/**
 * The rows of one page, visible ones and dead ones together in the order of their offset numbers, and their tuple headers. Owned by one thread; the
 * batches are borrowed from {@link #begin} until the next one.
 */
final class PageRows {
    /** As many tuples as fit on a page without lying over each other. */
    static final int MOST = PageLayout.MAX_HEAP_TUPLES;

    private static final int MAX_HOFF = 0xFF;

    private final RelationForm form;
    private final int[] offsetNumbers = new int[MOST];
    private final long[] blocks = new long[MOST];
    private final int[] visibleSlots = new int[MOST];
    private final int[] deadSlots = new int[MOST];

    /** Of each slot its row, counted from the page's first; of a dead one the complement. */
    private final int[] sources = new int[MOST];

    private final int[] xmins = new int[MOST];
    private final int[] xmaxs = new int[MOST];
    private final int[] commandIds = new int[MOST];
    private final int[] infomasks = new int[MOST];
    private final int[] infomasks2 = new int[MOST];
    private final int[] ctidBlocks = new int[MOST];
    private final int[] ctidOffsets = new int[MOST];
    private final int[] hoffs = new int[MOST];
    private RowBatch visible;
    private RowBatch dead;
    private int visibleFrom;
    private int visibleTo;
    private int deadFrom;
    private int deadTo;
    private int count;

    PageRows(final RelationForm form) {
        this.form = form;
    }

    /**
     * Takes a page's rows: those of both batches from one row on to before another.
     *
     * @return null, or what is wrong with them: they are no page's rows then.
     */
    String begin(
            final long block,
            final RowBatch visibleRows,
            final int fromVisible,
            final int toVisible,
            final RowBatch deadRows,
            final int fromDead,
            final int toDead) {
        final String wrong = beginDatums(visibleRows, fromVisible, toVisible, deadRows, fromDead, toDead);
        if (wrong != null) {
            return wrong;
        }
        headers(visible, visibleFrom, visibleTo, visibleSlots);
        headers(dead, deadFrom, deadTo, deadSlots);
        return check(block);
    }

    /** As {@link #begin}, where tuple headers are not asked for. */
    String beginDatums(
            final RowBatch visibleRows,
            final int fromVisible,
            final int toVisible,
            final RowBatch deadRows,
            final int fromDead,
            final int toDead) {
        visible = visibleRows;
        visibleFrom = fromVisible;
        visibleTo = toVisible;
        dead = deadRows;
        deadFrom = fromDead;
        deadTo = toDead;
        count = toVisible - fromVisible + toDead - fromDead;
        if (count > MOST) {
            return count + " rows";
        }
        final ColumnVector visibleOffsets = visible.column(form.hidden(HiddenColumn.OFFSET));
        final ColumnVector deadOffsets = dead.column(form.hidden(HiddenColumn.OFFSET));
        int ofVisible = visibleFrom;
        int ofDead = deadFrom;
        int last = 0;
        for (int slot = 0; slot < count; slot++) {
            final int nextVisible = ofVisible < visibleTo ? int32(visibleOffsets, ofVisible) : Integer.MAX_VALUE;
            final int nextDead = ofDead < deadTo ? int32(deadOffsets, ofDead) : Integer.MAX_VALUE;
            final int number = Math.min(nextVisible, nextDead);
            if (number <= last || number > LinePointers.MOST) {
                return "a row with offset number " + number + " after " + last;
            }
            if (nextVisible == number) {
                sources[slot] = ofVisible - visibleFrom;
                visibleSlots[ofVisible++ - visibleFrom] = slot;
            } else {
                sources[slot] = ~(ofDead - deadFrom);
                deadSlots[ofDead++ - deadFrom] = slot;
            }
            offsetNumbers[slot] = number;
            last = number;
        }
        return null;
    }

    private String check(final long block) {
        for (int slot = 0; slot < count; slot++) {
            if (blocks[slot] != block) {
                return "a row of block " + blocks[slot];
            }
            final int attributes = attributeCount(slot);
            if (attributes > form.attributes().size()) {
                return "a row of " + attributes + " attributes, where the relation has "
                        + form.attributes().size();
            }
            // As HeapTupleFlyweight has it: no header reaches into its data.
            if (hoffs[slot] < HiddenColumns.derivedHoff(attributes, hasNulls(slot))
                    || hoffs[slot] != PageLayout.align(hoffs[slot])
                    || hoffs[slot] > MAX_HOFF) {
                return "a row whose data begins at " + hoffs[slot];
            }
        }
        return null;
    }

    private void headers(final RowBatch batch, final int from, final int to, final int[] slots) {
        final ColumnVector block = batch.column(form.hidden(HiddenColumn.BLOCK));
        final ColumnVector xmin = batch.column(form.hidden(HiddenColumn.XMIN));
        final ColumnVector xmax = batch.column(form.hidden(HiddenColumn.XMAX));
        final ColumnVector commandId = batch.column(form.hidden(HiddenColumn.CID));
        final ColumnVector infomask = batch.column(form.hidden(HiddenColumn.INFOMASK));
        final ColumnVector infomask2 = batch.column(form.hidden(HiddenColumn.INFOMASK2));
        final ColumnVector ctidBlock = batch.column(form.hidden(HiddenColumn.CTID_BLOCK));
        final ColumnVector ctidOffset = batch.column(form.hidden(HiddenColumn.CTID_OFFSET));
        final ColumnVector hoff = batch.column(form.hidden(HiddenColumn.HOFF));
        for (int row = from; row < to; row++) {
            final int slot = slots[row - from];
            blocks[slot] = int64(block, row);
            xmins[slot] = (int) int64(xmin, row);
            xmaxs[slot] = (int) int64(xmax, row);
            commandIds[slot] = (int) int64(commandId, row);
            infomasks[slot] = int32(infomask, row);
            infomasks2[slot] = int32(infomask2, row);
            ctidBlocks[slot] = (int) (ctidBlock.isNull(row) ? blocks[slot] : int64(ctidBlock, row));
            ctidOffsets[slot] = ctidOffset.isNull(row) ? offsetNumbers[slot] : int32(ctidOffset, row);
            hoffs[slot] = hoff.isNull(row)
                    ? HiddenColumns.derivedHoff(attributeCount(slot), hasNulls(slot))
                    : int32(hoff, row);
        }
    }

    private static int int32(final ColumnVector column, final int row) {
        return LittleEndian.getInt(column.values(), (long) row * Integer.BYTES);
    }

    private static long int64(final ColumnVector column, final int row) {
        return LittleEndian.getLong(column.values(), (long) row * Long.BYTES);
    }

    /** How many rows there are; each has a slot, counted from 0. */
    int count() {
        return count;
    }

    /** Of a slot its row, counted from the page's first visible one; of a dead row the complement of that, from the first dead one. */
    int source(final int slot) {
        return sources[slot];
    }

    int[] offsetNumbers() {
        return offsetNumbers;
    }

    int attributeCount(final int slot) {
        return infomasks2[slot] & HeapTupleFlags.ATTRIBUTES_MASK;
    }

    boolean hasNulls(final int slot) {
        return (infomasks[slot] & HeapTupleFlags.HAS_NULL) != 0;
    }

    int hoff(final int slot) {
        return hoffs[slot];
    }

    int xmin(final int slot) {
        return xmins[slot];
    }

    int xmax(final int slot) {
        return xmaxs[slot];
    }

    int commandId(final int slot) {
        return commandIds[slot];
    }

    int infomask(final int slot) {
        return infomasks[slot];
    }

    int infomask2(final int slot) {
        return infomasks2[slot];
    }

    int ctidBlock(final int slot) {
        return ctidBlocks[slot];
    }

    int ctidOffset(final int slot) {
        return ctidOffsets[slot];
    }

    /** Forms an attribute's datums. */
    void datums(final int attribute, final DatumForm datums, final DatumRun run) {
        if (visibleTo > visibleFrom) {
            datums(attribute, datums, visible, visibleFrom, visibleTo, visibleSlots, run);
        }
        if (deadTo > deadFrom) {
            datums(attribute, datums, dead, deadFrom, deadTo, deadSlots, run);
        }
    }

    private void datums(
            final int attribute,
            final DatumForm datums,
            final RowBatch batch,
            final int from,
            final int to,
            final int[] slots,
            final DatumRun run) {
        final ColumnVector overflow = form.overflow(attribute) == RelationForm.NONE
                ? null
                : batch.column(form.overflowColumn()).child(form.overflow(attribute));
        datums.form(batch.column(form.column(attribute)), overflow, from, to, slots, run);
    }
}
