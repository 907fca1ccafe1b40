package dev.firn.columnar.hidden;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.TupleBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** All {@link HiddenColumn}s of a batch, in their order, the last columns of each file of rows. */
public final class HiddenColumns {
    /** What the names of Firn's own columns begin with, and those of no user's do. */
    public static final String PREFIX = "_firn_";

    /**
     * A struct with an optional string for each attribute that can overflow, under the attribute's name and {@link FieldIds#overflow}: the canonical
     * text of values that do not fit. It stands before the hidden columns; a relation none of whose attributes can overflow has none.
     */
    public static final String OVERFLOW = "_firn_overflow";

    private static final int BYTE_SHIFT = 3;
    private static final int BYTE_BITS = 7;
    private static final int COUNT = HiddenColumn.values().length;

    private HiddenColumns() {}

    /** How many there are. */
    public static int count() {
        return COUNT;
    }

    public static List<ColumnField> fields() {
        final List<ColumnField> fields = new ArrayList<>();
        for (final HiddenColumn column : HiddenColumn.values()) {
            fields.add(column.field());
        }
        return fields;
    }

    /**
     * Appends the headers of tuples, column by column.
     *
     * @param first which column of the batch is {@link HiddenColumn#BLOCK}.
     * @param tuples rows, of which those from one on to before another are appended.
     * @param bases where the tuples begin in the rows' memory.
     * @param tuple for looking at one after the other.
     */
    public static void append(
            final RowBatch batch,
            final int first,
            final TupleBatch tuples,
            final int[] bases,
            final HeapTupleFlyweight tuple,
            final int from,
            final int to) {
        addresses(batch, first, tuples, from, to);
        final MemorySegment pages = tuples.segment();
        longs(column(batch, first, HiddenColumn.XMIN), pages, bases, HeapTupleFlyweight.XMIN_OFFSET, from, to);
        longs(column(batch, first, HiddenColumn.XMAX), pages, bases, HeapTupleFlyweight.XMAX_OFFSET, from, to);
        longs(column(batch, first, HiddenColumn.CID), pages, bases, HeapTupleFlyweight.COMMAND_ID_OFFSET, from, to);
        shorts(column(batch, first, HiddenColumn.INFOMASK), pages, bases, HeapTupleFlyweight.INFOMASK_OFFSET, from, to);
        shorts(
                column(batch, first, HiddenColumn.INFOMASK2),
                pages,
                bases,
                HeapTupleFlyweight.INFOMASK2_OFFSET,
                from,
                to);
        exceptions(batch, first, tuples, bases, tuple, from, to);
    }

    private static ColumnVector column(final RowBatch batch, final int first, final HiddenColumn column) {
        return batch.column(first + column.ordinal());
    }

    private static void addresses(
            final RowBatch batch, final int first, final TupleBatch tuples, final int from, final int to) {
        final ColumnVector blocks = column(batch, first, HiddenColumn.BLOCK);
        final ColumnVector offsets = column(batch, first, HiddenColumn.OFFSET);
        final int slot = blocks.reserve(to - from);
        final int offsetSlot = offsets.reserve(to - from);
        final MemorySegment blocksOut = blocks.values();
        final MemorySegment offsetsOut = offsets.values();
        for (int row = from; row < to; row++) {
            final long at = (long) row - from;
            LittleEndian.putLong(blocksOut, (slot + at) * Long.BYTES, Integer.toUnsignedLong(tuples.block(row)));
            LittleEndian.putInt(offsetsOut, (offsetSlot + at) * Integer.BYTES, tuples.offsetNumber(row));
        }
        blocks.commit(to - from, slot);
        offsets.commit(to - from, offsetSlot);
    }

    private static void longs(
            final ColumnVector out,
            final MemorySegment pages,
            final int[] bases,
            final int offset,
            final int from,
            final int to) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        long at = (long) slot * Long.BYTES;
        for (int row = from; row < to; row++, at += Long.BYTES) {
            LittleEndian.putLong(values, at, LittleEndian.getUnsignedInt(pages, bases[row] + offset));
        }
        out.commit(to - from, slot);
    }

    private static void shorts(
            final ColumnVector out,
            final MemorySegment pages,
            final int[] bases,
            final int offset,
            final int from,
            final int to) {
        final int slot = out.reserve(to - from);
        final MemorySegment values = out.values();
        long at = (long) slot * Integer.BYTES;
        for (int row = from; row < to; row++, at += Integer.BYTES) {
            LittleEndian.putInt(values, at, LittleEndian.getUnsignedShort(pages, bases[row] + offset));
        }
        out.commit(to - from, slot);
    }

    /** What is null in almost all rows: those are appended together. */
    private static void exceptions(
            final RowBatch batch,
            final int first,
            final TupleBatch tuples,
            final int[] bases,
            final HeapTupleFlyweight tuple,
            final int from,
            final int to) {
        final ColumnVector ctidBlocks = column(batch, first, HiddenColumn.CTID_BLOCK);
        final ColumnVector ctidOffsets = column(batch, first, HiddenColumn.CTID_OFFSET);
        final ColumnVector hoffs = column(batch, first, HiddenColumn.HOFF);
        int ownCtids = 0;
        int derivedHoffs = 0;
        for (int row = from; row < to; row++) {
            tuple.wrapChecked(tuples.segment(), bases[row]);
            if (tuple.ctidBlock() == tuples.block(row) && tuple.ctidOffsetNumber() == tuples.offsetNumber(row)) {
                ownCtids++;
            } else {
                ctidBlocks.appendNulls(ownCtids);
                ctidOffsets.appendNulls(ownCtids);
                ownCtids = 0;
                ctidBlocks.appendLong(Integer.toUnsignedLong(tuple.ctidBlock()));
                ctidOffsets.appendInt(tuple.ctidOffsetNumber());
            }
            if (tuple.dataOffset() == derivedHoff(tuple.attributeCount(), tuple.hasNulls())) {
                derivedHoffs++;
            } else {
                hoffs.appendNulls(derivedHoffs);
                derivedHoffs = 0;
                hoffs.appendInt(tuple.dataOffset());
            }
        }
        ctidBlocks.appendNulls(ownCtids);
        ctidOffsets.appendNulls(ownCtids);
        hoffs.appendNulls(derivedHoffs);
    }

    /** t_hoff as heap_form_tuple has it: header and null bitmap, aligned. */
    public static int derivedHoff(final int attributeCount, final boolean hasNulls) {
        return PageLayout.align(
                HeapTupleFlyweight.HEADER_BYTES + (hasNulls ? (attributeCount + BYTE_BITS) >>> BYTE_SHIFT : 0));
    }
}
