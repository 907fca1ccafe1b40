package dev.firn.columnar.hidden;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
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
    private static final long XID_MASK = 0xFFFF_FFFFL;
    private static final int MASK_OF_16 = 0xFFFF;

    /** t_ctid has six bytes. */
    private static final long CTID_MASK = (1L << (3 * Short.SIZE)) - 1;

    /** Those that no row is without. */
    private static final HiddenColumn[] ALWAYS = {
        HiddenColumn.BLOCK,
        HiddenColumn.OFFSET,
        HiddenColumn.XMIN,
        HiddenColumn.XMAX,
        HiddenColumn.CID,
        HiddenColumn.INFOMASK,
        HiddenColumn.INFOMASK2
    };

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
     * Appends the headers of tuples.
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
        headers(batch, first, tuples, bases, from, to);
        exceptions(batch, first, tuples, bases, tuple, from, to);
    }

    private static ColumnVector column(final RowBatch batch, final int first, final HiddenColumn column) {
        return batch.column(first + column.ordinal());
    }

    /** What each row has, in one look at its tuple: nothing else of the page is near then, and the next column would look for it again. */
    private static void headers(
            final RowBatch batch,
            final int first,
            final TupleBatch tuples,
            final int[] bases,
            final int from,
            final int to) {
        final int rows = to - from;
        final int slot = column(batch, first, HiddenColumn.BLOCK).reserve(rows);
        final MemorySegment blocks = values(batch, first, HiddenColumn.BLOCK, rows);
        final MemorySegment offsets = values(batch, first, HiddenColumn.OFFSET, rows);
        final MemorySegment xmins = values(batch, first, HiddenColumn.XMIN, rows);
        final MemorySegment xmaxs = values(batch, first, HiddenColumn.XMAX, rows);
        final MemorySegment cids = values(batch, first, HiddenColumn.CID, rows);
        final MemorySegment infomasks = values(batch, first, HiddenColumn.INFOMASK, rows);
        final MemorySegment infomasks2 = values(batch, first, HiddenColumn.INFOMASK2, rows);
        final MemorySegment pages = tuples.segment();
        long ints = (long) slot * Integer.BYTES;
        long longs = (long) slot * Long.BYTES;
        for (int row = from; row < to; row++, ints += Integer.BYTES, longs += Long.BYTES) {
            final int base = bases[row];
            LittleEndian.putLong(blocks, longs, Integer.toUnsignedLong(tuples.block(row)));
            LittleEndian.putInt(offsets, ints, tuples.offsetNumber(row));
            final long xids = LittleEndian.getLong(pages, base + (long) HeapTupleFlyweight.XMIN_OFFSET);
            LittleEndian.putLong(xmins, longs, xids & XID_MASK);
            LittleEndian.putLong(xmaxs, longs, xids >>> Integer.SIZE);
            LittleEndian.putLong(
                    cids,
                    longs,
                    LittleEndian.getUnsignedInt(pages, base + (long) HeapTupleFlyweight.COMMAND_ID_OFFSET));
            final int masks = LittleEndian.getInt(pages, base + (long) HeapTupleFlyweight.INFOMASK2_OFFSET);
            LittleEndian.putInt(infomasks, ints, masks >>> Short.SIZE);
            LittleEndian.putInt(infomasks2, ints, masks & MASK_OF_16);
        }
        for (final HiddenColumn column : ALWAYS) {
            column(batch, first, column).commit(rows, slot);
        }
    }

    private static MemorySegment values(
            final RowBatch batch, final int first, final HiddenColumn column, final int rows) {
        final ColumnVector vector = column(batch, first, column);
        vector.reserve(rows);
        return vector.values();
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
        final MemorySegment pages = tuples.segment();
        for (int row = from; row < to; row++) {
            final long base = bases[row];
            final long ctid = LittleEndian.getLong(pages, base + HeapTupleFlyweight.CTID_OFFSET);
            final int masks = LittleEndian.getInt(pages, base + HeapTupleFlyweight.INFOMASK2_OFFSET);
            final int hoff = LittleEndian.getUnsignedByte(pages, base + HeapTupleFlyweight.HOFF_OFFSET);
            if ((ctid & CTID_MASK) == ctid(tuples.block(row), tuples.offsetNumber(row))) {
                ownCtids++;
            } else {
                tuple.wrapChecked(pages, base);
                ctidBlocks.appendNulls(ownCtids);
                ctidOffsets.appendNulls(ownCtids);
                ownCtids = 0;
                ctidBlocks.appendLong(Integer.toUnsignedLong(tuple.ctidBlock()));
                ctidOffsets.appendInt(tuple.ctidOffsetNumber());
            }
            if (hoff
                    == derivedHoff(
                            masks & HeapTupleFlags.ATTRIBUTES_MASK,
                            (masks >>> Short.SIZE & HeapTupleFlags.HAS_NULL) != 0)) {
                derivedHoffs++;
            } else {
                hoffs.appendNulls(derivedHoffs);
                derivedHoffs = 0;
                hoffs.appendInt(hoff);
            }
        }
        ctidBlocks.appendNulls(ownCtids);
        ctidOffsets.appendNulls(ownCtids);
        hoffs.appendNulls(derivedHoffs);
    }

    /** The six bytes of an address (ItemPointerData of storage/itemptr.h): the block's upper half, its lower one, the offset number. */
    private static long ctid(final int block, final int offsetNumber) {
        return Integer.toUnsignedLong(Integer.rotateLeft(block, Short.SIZE)) | (long) offsetNumber << Integer.SIZE;
    }

    /** t_hoff as heap_form_tuple has it: header and null bitmap, aligned. */
    public static int derivedHoff(final int attributeCount, final boolean hasNulls) {
        return PageLayout.align(
                HeapTupleFlyweight.HEADER_BYTES + (hasNulls ? (attributeCount + BYTE_BITS) >>> BYTE_SHIFT : 0));
    }
}
