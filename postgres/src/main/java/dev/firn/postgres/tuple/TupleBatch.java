package dev.firn.postgres.tuple;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Rows that are deformed together: where in one borrowed memory their data and null bitmaps are. The memory is borrowed from
 * {@link #begin} until the next one, and the rows' pages must not change meanwhile.
 */
public final class TupleBatch {
    /** Most rows: what positions are kept for stays in the processor's second-level cache. */
    public static final int MAX_ROWS = 1 << 16;

    /** What there is room for to begin with. */
    static final int LEAST_ROWS = 64;

    private static final int NO_BITMAP = -1;

    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final int capacity;
    private int[] bases;
    private int[] dataBegins;
    private int[] dataEnds;
    private int[] bitmaps;
    private int[] attributeCounts;
    private int[] blocks;
    private int[] offsetNumbers;
    private MemorySegment segment;
    private int rows;
    private boolean hasNulls;
    private int leastAttributes;
    private int mostAttributes;

    /** A batch of at most so many rows; a page has at most 291. It has memory for as many as it has seen. */
    public TupleBatch(final int capacity) {
        if (capacity < 1 || capacity > MAX_ROWS) {
            throw new IllegalArgumentException("a batch of " + capacity + " rows: it can have 1 to " + MAX_ROWS);
        }
        this.capacity = capacity;
        resize(Math.min(capacity, LEAST_ROWS));
    }

    private void resize(final int room) {
        bases = resized(bases, room);
        dataBegins = resized(dataBegins, room);
        dataEnds = resized(dataEnds, room);
        bitmaps = resized(bitmaps, room);
        attributeCounts = resized(attributeCounts, room);
        blocks = resized(blocks, room);
        offsetNumbers = resized(offsetNumbers, room);
    }

    private static int[] resized(final int[] array, final int room) {
        return array == null ? new int[room] : Arrays.copyOf(array, room);
    }

    /** Begins anew, without rows. */
    public TupleBatch begin(final MemorySegment pages) {
        if (pages.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("pages of " + pages.byteSize() + " bytes: positions have 31 bits");
        }
        segment = pages;
        rows = 0;
        hasNulls = false;
        leastAttributes = Integer.MAX_VALUE;
        mostAttributes = 0;
        return this;
    }

    /** How many rows there is room for. */
    public int capacity() {
        return capacity;
    }

    /** How many rows there are. */
    public int rows() {
        return rows;
    }

    /** The memory with the rows' pages. */
    public MemorySegment segment() {
        return segment;
    }

    /** The heap block of a row. */
    public int block(final int row) {
        return blocks[row];
    }

    /** The offset number of a row on its page. */
    public int offsetNumber(final int row) {
        return offsetNumbers[row];
    }

    /** Adds a tuple, which lies in the batch's memory; there must be room. */
    public void add(final HeapTupleFlyweight row, final int block, final int offsetNumber) {
        requireHere(row.segment());
        append(row, block, offsetNumber);
    }

    private void requireHere(final MemorySegment memory) {
        if (!memory.equals(segment)) {
            throw new IllegalArgumentException("a tuple or page that lies elsewhere than its batch");
        }
    }

    private void append(final HeapTupleFlyweight row, final int block, final int offsetNumber) {
        append(
                (int) row.base(),
                row.lengthBytes(),
                row.infomask2(),
                row.infomask(),
                row.dataOffset(),
                block,
                offsetNumber);
    }

    /**
     * Adds a tuple of the batch's memory whose header was checked, as {@link HeapTupleFlyweight#wrap} does; there must be room.
     *
     * @param base where it begins.
     * @param length its bytes.
     * @param dataOffset t_hoff.
     */
    public void append(
            final int base,
            final int length,
            final int infomask2,
            final int infomask,
            final int dataOffset,
            final int block,
            final int offsetNumber) {
        if (rows == blocks.length) {
            if (rows == capacity) {
                throw new IllegalStateException("a batch of " + capacity + " rows is full");
            }
            resize(Math.min(capacity, 2 * rows));
        }
        final int at = rows++;
        final int attributes = infomask2 & HeapTupleFlags.ATTRIBUTES_MASK;
        final boolean nulls = (infomask & HeapTupleFlags.HAS_NULL) != 0;
        bases[at] = base;
        dataBegins[at] = base + dataOffset;
        dataEnds[at] = base + length;
        bitmaps[at] = nulls ? base + HeapTupleFlyweight.HEADER_BYTES : NO_BITMAP;
        hasNulls |= nulls;
        attributeCounts[at] = attributes;
        leastAttributes = Math.min(leastAttributes, attributes);
        mostAttributes = Math.max(mostAttributes, attributes);
        blocks[at] = block;
        offsetNumbers[at] = offsetNumber;
    }

    /**
     * Adds the tuples of all normal line pointers of a page, visible or not.
     *
     * @return whether there was room; if not, none was added.
     */
    public boolean addPage(final PageFlyweight page, final int block) {
        requireHere(page.segment());
        int number = 0;
        try {
            final int count = page.linePointerCount();
            if (count > capacity() - rows) {
                return false;
            }
            for (number = 1; number <= count; number++) {
                if (LinePointer.state(page.linePointer(number)) == LinePointer.NORMAL) {
                    append(tuple.wrap(page, number), block, number);
                }
            }
        } catch (final MalformedDataException e) {
            final String offset = number == 0 ? "" : ", offset " + number;
            throw new MalformedDataException(
                    "block " + Integer.toUnsignedString(block) + offset + ": " + e.getMessage(), e);
        }
        return true;
    }

    /** Where the tuples begin in the memory, row by row. Borrowed until a row is added. */
    public int[] bases() {
        return bases;
    }

    int[] dataBegins() {
        return dataBegins;
    }

    int[] dataEnds() {
        return dataEnds;
    }

    /** Where the null bitmaps are; less than 0 for a row without one. */
    int[] bitmaps() {
        return bitmaps;
    }

    int[] attributeCounts() {
        return attributeCounts;
    }

    /** Whether any row has a null bitmap. */
    boolean hasNulls() {
        return hasNulls;
    }

    int leastAttributes() {
        return leastAttributes;
    }

    int mostAttributes() {
        return mostAttributes;
    }
}
